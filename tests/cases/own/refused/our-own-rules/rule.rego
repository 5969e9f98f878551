package gate_own

deny contains "x" if false
