package gate

deny contains "x" if false
