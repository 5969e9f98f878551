package mesh.edges_mtls

deny contains "x" if false
