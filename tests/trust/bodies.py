
"""Bodies of functions in random programs: steps, branches, loops, helpers, containers."""

from __future__ import annotations

from random import Random

from .operations import CLASSES, ELEMENTWISE, KEEPING, Held, Sizes, pick
from .reshaping import ANY


class Setting:
    """What stands around the classes of a program: constants of the module and helper functions."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.constants: list[str] = []
        self.functions: list[str] = []
        self.count = 0

    def fresh(self, stem: str) -> str:
        """A name that is not used yet."""
        self.count += 1
        return f"{stem}{self.count}"

    def constant(self) -> str:
        """A condition on a setting of the module."""
        rng, name = self.rng, self.fresh("FLAG")
        value = rng.choice((True, False))
        definition, text = rng.choice(
            (
                (f"{name} = {value}", name),
                (f"{name} = 'a'", f"{name} == '{'a' if value else 'b'}'"),
                (f"{name} = {{'use': {value}}}", f"{name}['use']"),
                (f"{name} = SimpleNamespace(use={value})", f"{name}.use"),
                (f"{name} = 3", f"{name} > {2 if value else 4}"),
                (f"{name} = None", f"{name} is {'' if value else 'not '}None"),
                (f"{name} = ['a', 'b']", f"'{'a' if value else 'c'}' in {name}"),
                (f"{name} = {value}\n{name} = not {name}", name),
                (f"{name} = {{'use': {value}}}\n{name}['use'] = {not value}", f"{name}.get('use')"),
                (f"{name} = {value}", f"{name} and True"),
                (f"{name} = 2", f"{name} in ({'2, 3' if value else '4, 5'})"),
                (f"{name} = [{'1' if value else ''}]", f"len({name}) > 0"),
                (f"{name} = [{'1' if value else ''}]", name),
            )
        )
        self.constants.append(definition)
        return text

    def condition(self, held: Held | None) -> str:
        """A condition that some branch hangs on."""
        rng = self.rng
        options = [self.constant()]
        if held is not None:
            h = held.text
            options += [
                f"{h}.float().mean() > 0",
                f"{h}.shape[0] > {rng.choice((2, 40))}",
                f"len({h}) == {held.shape[0] if held.shape else 1}",
                f"{h}.dim() == {rng.choice((2, 3))}",
                f"isinstance({h}, torch.Tensor)",
                "torch.is_grad_enabled()",
                "random.random() < 0.5",
                f"{h}.requires_grad",
                f"{h} is not None",
                f"{h}.size(-1) == {held.shape[-1] if held.shape else 1}",
            ]
        return rng.choice(options)

    def helper(self, rng: Random, held: Held) -> str:
        """A function of one tensor that keeps its shape; the expression that applies it."""
        name = self.fresh("helper")
        body = Body(rng, self, indent=1, in_class=False)
        after = body.steps(Held("t", held.shape, held.kind), rng.choice((1, 1, 2)), keep=True, calls=False)
        style = rng.choice(
            (
                "plain",
                "flag",
                "tuple",
                "dict",
                "lambda",
                "decorated",
                "nested",
                "default",
                "early",
                "stars",
                "generator",
                "recursive",
                "global",
            )
        )
        lines, call = _function(rng, name, style, body.lines, after.text, held.text)
        self.functions += ["", *lines]
        return call


def _function(rng: Random, name: str, style: str, body: list[str], result: str, given: str) -> tuple[list[str], str]:
    plain = [f"def {name}(t):", *body, f"    return {result}"]
    inner = ["    " + line for line in body]
    act = rng.choice(("torch.sigmoid", "F.relu", "torch.tanh"))
    match style:
        case "flag":
            default = rng.choice(("True", "False"))
            lines = [
                f"def {name}(t, use={default}, *, scale=1):",
                "    if use:",
                *(inner or ["        pass"]),
                f"        return {result}",
                "    return t",
            ]
            return lines, rng.choice(
                (
                    f"{name}({given})",
                    f"{name}({given}, True)",
                    f"{name}({given}, use=False)",
                    f"{name}({given}, scale=2)",
                )
            )
        case "tuple":
            return [*plain[:-1], f"    return t, {result}"], rng.choice(
                (f"{name}({given})[1]", f"{name}({given})[0]", f"{name}({given})[-1]")
            )
        case "dict":
            return [*plain[:-1], f"    return dict(a=t, b={result})"], rng.choice(
                (f"{name}({given})['b']", f"{name}({given}).get('a')")
            )
        case "lambda":
            return [f"{name} = lambda t, f={act}: f(t.float())"], rng.choice(
                (f"{name}({given})", f"{name}({given}, lambda u: u)", f"{name}({given}, f=torch.exp)")
            )
        case "decorated":
            lines = [
                f"def wrap_{name}(function):",
                "    def wrapped(*args, **kwargs):",
                f"        return {act}(function(*args, **kwargs).float())",
                "    return wrapped",
                "",
                f"@wrap_{name}",
                *plain,
            ]
            return lines, f"{name}({given})"
        case "nested":
            lines = [
                f"def {name}(t):",
                "    def inner(t):",
                *inner,
                f"        return {result}",
                rng.choice(("    return inner(t)", "    u = inner(t)\n    return u", "    t = inner(t)\n    return t")),
            ]
            return lines, f"{name}({given})"
        case "default":
            lines = [f"def {name}(t, function={act}):", "    return function(t.float())"]
            return lines, rng.choice(
                (f"{name}({given})", f"{name}({given}, torch.exp)", f"partial({name}, function=torch.exp)({given})")
            )
        case "early":
            lines = [
                f"def {name}(t):",
                f"    if t.dim() > {rng.choice((1, 9))}:",
                f"        return {act}(t.float())",
                *body,
                f"    return {result}",
            ]
            return lines, f"{name}({given})"
        case "stars":
            lines = [
                f"def {name}(*args, **kwargs):",
                "    t = args[0]",
                f"    if kwargs.get('use', {rng.choice((True, False))}):",
                f"        t = {act}(t.float())",
                "    return t",
            ]
            return lines, rng.choice(
                (f"{name}({given})", f"{name}({given}, use=True)", f"{name}(*[{given}], **{{'use': False}})")
            )
        case "generator":
            return [f"def {name}(t):", "    yield t", *body, f"    yield {result}"], rng.choice(
                (f"list({name}({given}))[-1]", f"next({name}({given}))", f"[one for one in {name}({given})][1]")
            )
        case "recursive":
            return [
                f"def {name}(t, depth=2):",
                "    if depth == 0:",
                "        return t",
                f"    return {act}({name}(t, depth - 1).float())",
            ], rng.choice((f"{name}({given})", f"{name}({given}, 0)", f"{name}({given}, 5)"))
        case "global":
            return [
                f"state_{name} = torch.exp",
                f"def {name}(t):",
                f"    global state_{name}",
                f"    result = state_{name}(t.float())",
                f"    state_{name} = {act}",
                "    return result",
            ], rng.choice((f"{name}({given})", f"{name}({name}({given}))"))
        case _:
            return plain, f"{name}({given})"


class Body:
    """The lines of one function; in a class, with what its `__init__` has to set up."""

    def __init__(self, rng: Random, setting: Setting, indent: int, in_class: bool) -> None:
        self.rng, self.setting, self.in_class = rng, setting, in_class
        self.pad = "    " * indent
        self.lines: list[str] = []
        self.init: list[str] = []
        self.methods: list[str] = []
        self.later: list[str] = []
        self.parameters: list[tuple[str, str]] = []

    def init_parameters(self) -> str:
        return "".join(f", {name}={default}" for name, default in self.parameters)

    def init_arguments(self) -> str:
        """Some of the constructor's parameters given, the rest left to their defaults."""
        return ", ".join(
            f"{name}={self.rng.choice(('True', 'False'))}" for name, _ in self.parameters if self.rng.random() < 0.5
        )

    def layer(self, construction: str, held: Held, shape: Sizes) -> Held:
        """A learnt layer, kept on self, applied to a tensor."""
        name = self.setting.fresh("layer")
        self.init.append(f"        self.{name} = {construction}")
        text = held.text if held.kind == "float" else f"{held.text}.float()"
        return self._named(Held(f"self.{name}({text})", shape))

    def _named(self, held: Held) -> Held:
        if self.rng.random() < 0.25 and held.text.isidentifier():
            return held
        name = self.rng.choice(("h", "h", "out", "z"))
        self.lines.append(f"{self.pad}{name} = {held.text}")
        return Held(name, held.shape, held.kind)

    def steps(self, held: Held, count: int, keep: bool = False, calls: bool = True) -> Held:
        """So many random steps on the tensor."""
        if not held.text.isidentifier():
            held = self._named(held)
        for _ in range(count):
            held = self._step(held, keep, calls)
        return held

    def _step(self, held: Held, keep: bool, calls: bool) -> Held:
        draw = self.rng.random()
        if draw < 0.5:
            return self._named(pick(self.rng, KEEPING if keep else ANY, held))
        if held.kind != "float":
            return held
        if draw < 0.66:
            self._branch(held)
            return held
        if draw < 0.76:
            return self._loop(held)
        if draw < 0.84 and self.in_class:
            return self._module(held)
        if draw < 0.92 and calls:
            return self._named(Held(self.setting.helper(self.rng, held), held.shape))
        return self._container(held)

    def _write(self, text: str) -> None:
        self.lines += [self.pad + line for line in text.split("\n")]

    def _change(self, held: Held) -> str:
        """A statement that gives the variable a new value of the same shape."""
        rng, h = self.rng, held.text
        after = pick(rng, KEEPING, held).text
        return rng.choice(
            (f"{h} = {after}",) * 8
            + (
                f"{h} *= 2.0",
                f"{h} += 0.5",
                f"{h} -= {h}.mean()",
                f"{h} /= 3",
                f"{h} = {h}.clone().sigmoid_()",
                f"{h} = {h}.clone()\n{h}.sigmoid_()",
                f"{h} = {h}.clone()\n{h}[0] = 7.0",
                f"{h} = {h}.clone()\ntorch.sigmoid_({h})",
                f"{h} = {h}.clone()\nother = {h}\nother.exp_()",
                f"{h} = {h}.clone()\n{h}.mul_(2).add_(1)",
                f"{h} = {h}.clone()\n{h}[{h} < 0] = 0",
                f"{h} = {h}.clone()\nF.relu({h}, inplace=True)",
                f"{h} = {h}.clone()\n{h}.copy_(torch.sigmoid({h}))",
                f"{h} = {h}.clone()\n{h}.data = torch.sigmoid({h}.data)",
                f"{h} = {h}.clone()\nnn.ReLU(inplace=True)({h})",
                f"{h} = {h}.clone()\n{h}.clamp_(0, 1)",
                f"{h} = {h}.clone()\n{h}.zero_()",
                f"{h} = {h}.clone()\n{h}[..., 0] *= 5",
                f"{h} = torch.sigmoid({h}, out=None)",
                f"{h} = {h}.clone()\ntorch.exp({h}.detach(), out={h}.data)",
            )
        )

    def _condition(self, held: Held) -> str:
        rng = self.rng
        if self.in_class and rng.random() < 0.5:
            if rng.random() < 0.4:
                return rng.choice(("self.training", "not self.training"))
            name = self.setting.fresh("flag")
            self.parameters.append((name, rng.choice(("True", "False", "None"))))
            self.init.append(f"        self.{name} = {name}")
            return rng.choice((f"self.{name}", f"not self.{name}", f"self.{name} is True", f"self.{name} is not None"))
        return self.setting.condition(held)

    def _block(self, held: Held) -> str:
        return "\n".join("    " + line for line in self._change(held).split("\n"))

    def _branch(self, held: Held) -> None:
        rng, h = self.rng, held.text
        condition = self._condition(held)
        one, two = self._block(held), self._block(held)
        value = pick(rng, KEEPING, held).text
        first = pick(rng, KEEPING, held).text
        self._write(
            rng.choice(
                (
                    f"if {condition}:\n{one}",
                    f"if {condition}:\n{one}\nelse:\n{two}",
                    f"{h} = {value} if {condition} else {h}",
                    f"{h} = {value} if {condition} else {first}",
                    f"if {condition}:\n{one}\nelif {self._condition(held)}:\n{two}",
                    f"if not ({condition}):\n    pass\nelse:\n{one}",
                    f"try:\n{one}\nexcept RuntimeError:\n{two}",
                    f"try:\n    raise ValueError('x')\nexcept ValueError:\n{two}",
                    f"with torch.no_grad():\n{one}",
                    f"with nullcontext():\n{one}",
                    f"if {condition} and {self._condition(held)}:\n{one}",
                    f"if {condition} or {self._condition(held)}:\n{one}\nelse:\n{two}",
                    f"act = torch.sigmoid if {condition} else torch.tanh\n{h} = act({h})",
                    f"act = None\nif {condition}:\n    act = F.relu\nif act is not None:\n    {h} = act({h})",
                    f"match {rng.choice((1, 2))}:\n    case 1:\n    {one.replace(chr(10), chr(10) + '    ')}\n"
                    "    case _:\n        pass",
                    f"try:\n{one}\nfinally:\n{two}",
                    f"try:\n    pass\nexcept ValueError:\n{one}\nelse:\n{two}",
                    f"before = {h}\nif {condition}:\n{one}\n{h} = {h} if {condition} else before",
                    f"if (size := {h}.shape[0]) > 3:\n{one}",
                    f"{h} = ({condition}) and torch.sigmoid({h}) or {h}"
                    if "mean" not in condition
                    else f"if {condition}:\n{one}",
                )
            )
        )

    def _loop(self, held: Held) -> Held:
        rng, h = self.rng, held.text
        one, two = self._block(held), self._block(held)
        value = pick(rng, KEEPING, held).text
        a, b = rng.sample(
            (
                "torch.sigmoid",
                "F.relu",
                "torch.tanh",
                "F.softplus",
                "partial(F.softmax, dim=-1)",
                "nn.Sigmoid()",
                "lambda t: t",
                "torch.exp",
            ),
            2,
        )
        turns = rng.choice((0, 1, 2, 3, 30))
        self._write(
            rng.choice(
                (
                    f"for i in range({turns}):\n{one}",
                    f"for i in range({turns}):\n    if i == 1:\n{_deeper(one)}\n    else:\n{_deeper(two)}",
                    f"for act in ({a}, {b}):\n    {h} = act({h})",
                    f"for act in ({a}, {b}):\n    {h} = act({h})\n    break",
                    f"k = 0\nwhile k < {turns}:\n{one}\n    k += 1",
                    f"for i in range(3):\n    if i > {rng.choice((0, 1, 5))}:\n        break\n{one}",
                    f"for i in range(3):\n    if i < {rng.choice((0, 1, 2, 5))}:\n        continue\n{one}",
                    f"for i in range(2):\n    pass\nelse:\n{one}",
                    f"for i in []:\n{one}",
                    f"for row in {h}:\n    pass\n{h} = {value}",
                    f"for key, act in {{'a': {a}, 'b': {b}}}.items():\n    {h} = act({h})",
                    f"while True:\n{one}\n    break",
                    f"hs = [act({h}) for act in ({a}, {b})]\n{h} = hs[{rng.choice((0, 1, -1))}]",
                    f"hs = [{h}]\nfor act in ({a}, {b}):\n    hs.append(act(hs[-1]))\n{h} = hs[-1]",
                    f"total = 0\nfor act in ({a}, {b}):\n    total = total + act({h})\n{h} = total",
                    f"hs = [act({h}) for act in ({a}, {b})]\n{h} = sum(hs) / len(hs)",
                    f"hs = [act({h}) for act in ({a}, {b})]\n{h} = torch.stack(hs).mean(0)",
                    f"for i, act in enumerate([{a}, {b}]):\n    if i:\n        {h} = act({h})",
                    f"for act, use in zip(({a}, {b}), (True, False)):\n    if use:\n        {h} = act({h})",
                    f"for _ in {h}.shape:\n{one}",
                    f"prev = {h}\nfor i in range(2):\n    {h}, prev = torch.sigmoid(prev), {h}",
                    f"k = {rng.choice((0, 5))}\nwhile k > 0:\n{one}\n    k -= 1",
                    f"for i in range(int({h}.shape[0])):\n{one}",
                    f"*rest, act = [{a}, {b}]\n{h} = act({h})",
                    f"acts = iter([{a}, {b}])\n{h} = next(acts)({h})\n{h} = next(acts)({h})",
                    f"for act in reversed([{a}, {b}]):\n    {h} = act({h})",
                    f"for act in sorted(({a}, {b}), key=id)[:1]:\n    {h} = {h} * 2",
                    f"{h} = next(act for act in ({a}, {b}))({h})",
                    f"{h} = list(map({a}, [{h}]))[0]",
                )
            )
        )
        return held

    def _module(self, held: Held) -> Held:
        """An activation kept on self, or in a container on self."""
        rng, h = self.rng, held.text
        names = [CLASSES[name] for name in rng.sample(ELEMENTWISE, 2)]
        last = rng.choice(
            (
                f"nn.{names[0]}()",
                "nn.Softmax(dim=-1)",
                "nn.Softmax(dim=1)",
                "nn.LogSoftmax(dim=-1)",
                "nn.Softmax()",
                "nn.Identity()",
                f"nn.Sequential(nn.{names[0]}(), nn.{names[1]}())",
                "nn.Dropout(0.3)",
            )
        )
        if len(held.shape) < 2:
            last = last.replace("dim=1", "dim=0")
        name = self.setting.fresh("act")
        definition, use = rng.choice(
            (
                (f"self.{name} = {last}", f"self.{name}({h})"),
                (
                    f"self.{name} = nn.ModuleList([nn.{names[1]}(), {last}])",
                    f"self.{name}[{rng.choice((0, 1, -1))}]({h})",
                ),
                (
                    f"self.{name} = nn.ModuleDict({{'a': nn.{names[1]}(), 'b': {last}}})",
                    f"self.{name}['{rng.choice('ab')}']({h})",
                ),
                (f"self.{name} = getattr(nn, '{names[0]}')()", f"self.{name}({h})"),
                (f"self.{name} = {{'a': torch.sigmoid, 'b': F.relu}}['{rng.choice('ab')}']", f"self.{name}({h})"),
                (f"self.{name} = nn.{names[0]}() if {self.setting.constant()} else {last}", f"self.{name}({h})"),
                (f"self.{name} = None", f"{h} if self.{name} is None else self.{name}({h})"),
                (f"self.{name} = {last}\n        self.{name} = nn.{names[1]}()", f"self.{name}({h})"),
                (f"self.add_module('{name}', {last})", f"self.{name}({h})"),
                (f"setattr(self, '{name}', {last})", f"getattr(self, '{name}')({h})"),
                (f"self.{name} = partial(torch.softmax, dim=-1)", f"self.{name}({h})"),
                (f"self.{name} = nn.Sequential()\n        self.{name}.append({last})", f"self.{name}({h})"),
                (f"self.{name} = [nn.{names[1]}(), {last}]", f"self.{name}[1](self.{name}[0]({h}))"),
                (f"self.{name} = nn.Sequential(*[nn.{names[0]}() for _ in range(2)])", f"self.{name}({h})"),
                (f"self.{name} = lambda t: torch.sigmoid(t)", f"self.{name}({h})"),
                (f"self.{name} = nn.Parameter(torch.randn(1))", f"self.{name} * {h}"),
                (f"self.register_buffer('{name}', torch.ones(1))", f"self.{name} * {h}"),
                (f"self.{name} = nn.Softmax(dim=-1)\n        self.{name}.dim = 0", f"self.{name}({h})"),
            )
        )
        self.init.append("        " + definition)
        return self._named(Held(use, held.shape))

    def _container(self, held: Held) -> Held:
        rng, h = self.rng, held.text
        value = pick(rng, KEEPING, held).text
        text, use = rng.choice(
            (
                (f"outs = {{'a': {h}, 'b': {value}}}", f"outs['{rng.choice('ab')}']"),
                (f"outs = [{h}, {value}]", f"outs[{rng.choice((0, 1, -1))}]"),
                (f"one, two = {h}, {value}", rng.choice(("one", "two"))),
                (f"outs = [{h}]\nouts.append({value})", "outs.pop()"),
                (f"outs = ({h}, {value})\none, *two = outs", "two[0]"),
                (f"outs = {{}}\nouts['a'] = {value}", "outs['a']"),
                (f"outs = {{'a': {h}}}\nalias = outs\nalias['a'] = {value}", "outs['a']"),
                (f"outs = {{'a': {h}}}\nouts.update(a={value})", "outs['a']"),
                (f"outs = [{h}, {value}]\nouts.reverse()", "outs[0]"),
                (f"outs = [{h}]\nouts.insert(0, {value})", "outs[0]"),
                (f"outs = SimpleNamespace(a={h})\nouts.a = {value}", "outs.a"),
                (f"one, two = {h}, {value}\none, two = two, one", "one"),
                (f"outs = {{'a': {h}}}\nouts.setdefault('a', {value})", "outs['a']"),
                (f"outs = dict(zip(('a', 'b'), ({h}, {value})))", "outs['b']"),
                (f"outs = [{h}, {value}]\nouts[0] = outs[1]", "outs[0]"),
                (f"outs = [{h}, {value}]\ndel outs[0]", "outs[0]"),
                (f"outs = {{'a': {h}, **{{'a': {value}}}}}", "outs['a']"),
                (f"outs = [({h}, 1), ({value}, 2)]", "[t for t, n in outs if n == 2][0]"),
                (f"outs = {{'a': {h}, 'b': {value}}}\nouts['a'] = outs.pop('b')", "outs['a']"),
                (f"outs = [{value}] * 2", "outs[1]"),
                (
                    f"def local(t):\n    return {value.replace(h, 't') if h != 't' else 't'}" if h != "t" else "pass",
                    f"local({h})" if h != "t" else h,
                ),
                (f"one = two = {value}\ntwo = {h}", "one"),
                (f"(one, two), three = ({h}, {value}), None", "two"),
                (f"outs = [{h}]\nouts.extend(({value},))", "outs[-1]"),
                (f"outs = list(({h}, {value}))\nouts = outs[::-1]", "outs[0]"),
                (f"outs = {{i: t for i, t in enumerate(({h}, {value}))}}", "outs[1]"),
                (f"outs = {{'a': {h}}}\nfor key in list(outs):\n    outs[key] = torch.sigmoid(outs[key])", "outs['a']"),
            )
        )
        self._write(text)
        return self._named(Held(use, held.shape))


def _deeper(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))
