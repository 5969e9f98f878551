package acme.rule

deny contains sprintf("%v is named", [input.cluster_name]) if input.cluster_name != ""
