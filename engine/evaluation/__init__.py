"""How good masks, boxes and identities are, in the field's own measures, and what they cost a person. Changes nothing."""
