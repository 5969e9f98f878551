package collection.acme

deny contains sprintf("%v by %v", [input.git.branch, input.linkerd_check.cluster_name])
