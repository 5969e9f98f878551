package system.log

deny contains "x" if false
