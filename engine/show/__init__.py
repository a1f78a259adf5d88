"""Pictures for people: masks over frames as a film, and a contact sheet of a clip. Decides nothing."""
