package mesh.acme

level := "off"

deny contains "x" if input.cluster_name == "prod"
