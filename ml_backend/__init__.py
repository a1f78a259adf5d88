"""The bridge to Label Studio. Holds no code yet; the contract for what may be imported stands."""
