package acme.lib

names := {"a"}
