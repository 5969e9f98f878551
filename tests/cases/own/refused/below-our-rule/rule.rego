package mesh.edges_mtls.more

deny contains "x" if false
