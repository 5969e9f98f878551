package mesh

deny contains "x" if false
