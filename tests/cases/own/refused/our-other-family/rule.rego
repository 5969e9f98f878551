package collection

deny contains "x" if false
