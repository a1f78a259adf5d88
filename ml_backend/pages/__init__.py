"""Key frames with painted masks, and what somebody changed on them. Knows pixels and regions; no server and no model."""
