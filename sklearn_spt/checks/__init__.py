"""Is the record sound, whose displacement is it, and is the model for it?"""
