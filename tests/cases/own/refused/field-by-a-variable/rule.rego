package acme.rule

deny contains "x" if {
	some name in ["git"]
	input[name].branch != "main"
}
