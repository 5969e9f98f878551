# METADATA
# schemas:
#   - input: {"type": "object"}
package acme.rule

deny contains "x" if input.cluster_name == "prod"
