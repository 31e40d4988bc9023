class Boots:
    def __init__(self, args): pass
    def stop(self): pass
