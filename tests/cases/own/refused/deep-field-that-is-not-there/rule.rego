package collection.acme

deny contains "x" if input.command_run.capture.trace.status != "on"
