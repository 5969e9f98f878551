package acme.base

name := "golden"
