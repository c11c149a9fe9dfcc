class Liar:
    def __init__(self, world, rng, name):
        self.name = name
        self.world = world

    def face(self, asker):
        return self.world.nodes[self.name]

    def asks(self, node, request):
        return request

    def answers(self, asker, page):
        return page

    def lie(self):
        pass

    def stop(self):
        pass

    inventions = {}

    def must_be_noticed(self):
        return []
