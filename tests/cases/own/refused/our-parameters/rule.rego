package parameters

deny contains "x" if false
