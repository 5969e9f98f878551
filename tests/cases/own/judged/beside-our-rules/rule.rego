package mesh.acme

deny contains "a"
