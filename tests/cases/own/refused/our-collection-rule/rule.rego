package collection.live_mesh

deny contains "x" if false
