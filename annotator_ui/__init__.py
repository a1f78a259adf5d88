"""The page where annotators correct masks. Holds no code yet; the contract for what may be imported stands."""
