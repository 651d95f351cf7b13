"""The listener behind `watch`: counts calls, looks at the sampled ones, keeps what they show."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import FrameType, FunctionType
from typing import Any

import torch
from torch import Tensor

from lossadvisor.contracts import CONTRACTS, Contract
from lossadvisor.runtime import signatures
from lossadvisor.runtime.judging.call import Call, Suspicion, bind, readable
from lossadvisor.runtime.judging.judge import judge
from lossadvisor.runtime.watching import backward, compiled, construction, packages, sites, taps
from lossadvisor.runtime.watching.report import LossFinding, Observation, WatchReport
from lossadvisor.runtime.watching.schedule import Schedule
from lossadvisor.runtime.watching.tally import Place

Told = Callable[[LossFinding], None]
SideRule = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Suspicion | None]
"""A rule about a call that is no loss call: asked with the function and its arguments."""


def functionals() -> Iterator[tuple[FunctionType, Contract]]:
    """The loss functions of torch.nn.functional that have a contract."""
    for contract in CONTRACTS:
        for name in contract.functionals:
            module, _, attribute = name.rpartition(".")
            function = getattr(torch.nn.functional, attribute, None) if module == "torch.nn.functional" else None
            if isinstance(function, FunctionType):
                yield function, contract


class Observer:
    """Keeps one `Place` per call place. All public methods may be called from any thread."""

    def __init__(self, schedule: Schedule, tell: Told, regions: compiled.Compiled = "skip") -> None:
        self._schedule, self._tell, self._regions = schedule, tell, regions
        self._compile_again: Callable[[], None] | None = None
        self._packages: set[str] = set()
        self._places: dict[tuple[sites.Key, str], Place] = {}
        self._detach: list[Callable[[], None]] = []
        self._lock = threading.RLock()
        self._told: set[tuple[int, str]] = set()
        self._errors: list[str] = []
        self._unread = 0
        self._backwards = 0
        self._compiled = 0
        self._open = 0  # places whose schedule is not over

    @property
    def active(self) -> bool:
        """Whether taps are on."""
        return bool(self._detach)

    def start(self) -> None:
        """Put taps on every loss, on backward, on loss constructors and on softmax without an axis."""
        with self._lock:
            if self._detach:
                return
            self._compiled = compiled.compilations()
            if self._regions == "eager":
                self._compile_again = compiled.run_eagerly()
            for function, contract in functionals():
                self._detach.append(taps.attach(function, self._listener(function, contract)))
            self._packages.clear()
            self._tap_packages()
            run_backward: Any = torch.Tensor.backward
            self._detach.append(taps.attach(run_backward, self._on_backward))
            for function in construction.initialisers():
                self._detach.append(taps.attach(function, self._on_construction))
            for function in construction.softmaxes():
                self._detach.append(taps.attach(function, self._on_softmax))

    def _tap_packages(self) -> None:
        """Taps on the losses of other packages that the program has imported by now."""
        fresh = packages.imported(self._packages)
        if not fresh or (self._packages and not self._detach):
            return
        self._packages |= fresh
        for function, contract in packages.functions(fresh):
            self._detach.append(taps.attach(function, self._package_listener(function, contract)))
        for forward, owners in packages.forwards(fresh).items():
            self._detach.append(taps.attach(forward, self._package_listener(forward, owners)))

    def _package_listener(self, function: FunctionType, known: Contract | packages.Owners) -> taps.Listener:
        def listen(original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            contract = known if isinstance(known, Contract) else packages.owner(known, args[0] if args else None)
            frame = sites.caller_of(function)
            if contract is None or frame is None:
                return taps.undisturbed(original, *args, **kwargs)
            name = contract.classes[0] if not isinstance(known, Contract) else contract.functionals[0]
            return self._attend(frame, name, contract, original, args, kwargs)

        return listen

    def stop(self) -> None:
        """Take all taps off; what was seen stays."""
        with self._lock:
            detach, self._detach = self._detach, []
            for one in detach:
                one()
            if detach:
                self._compiled = compiled.compilations() - self._compiled
            self._end_eager()

    def _end_eager(self) -> None:
        """Compiled code may run compiled again."""
        again, self._compile_again = self._compile_again, None
        if again is not None:
            again()

    def _listener(self, function: FunctionType, contract: Contract) -> taps.Listener:
        name = f"{function.__module__}.{function.__qualname__}"

        def listen(original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            frame = sites.caller()
            if frame is None:
                return original(*args, **kwargs)
            return self._attend(frame, name, contract, original, args, kwargs)

        return listen

    def _attend(
        self, frame: FrameType, name: str, contract: Contract, original: Callable[..., Any], args: Any, kwargs: Any
    ) -> Any:
        """Make the call, and look at it when its number says so."""
        place = self._place(frame, name, contract)
        number = place.calls
        place.calls = number + 1
        if self._compile_again is not None and number >= self._schedule.first:
            self._end_eager()  # no backward in sight: an evaluation
        if not self._schedule.samples(number):
            if self._schedule.over(number + 1):
                self._retire(place)
            return original(*args, **kwargs)
        return self._look(place, original, args, kwargs)

    def _place(self, frame: FrameType, name: str, contract: Contract | None) -> Place:
        key = (sites.key(frame), name)
        place = self._places.get(key)
        if place is None:
            with self._lock:
                place = self._places.setdefault(key, Place(sites.site(frame), name, contract))
                self._open += 1
        return place

    def _retire(self, place: Place) -> None:
        """Stop as soon as no place will be looked at again."""
        if not place.over:
            place.over = True
            self._open -= 1
            if self._open <= 0:
                self.stop()

    def _look(self, place: Place, original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        binder = bind if place.contract is None or place.contract.library == "torch" else packages.bind
        call = None if place.contract is None else binder(place.contract, original, args, kwargs)
        if call is None or not _can_read(call):
            self._unread += call is not None
            return original(*args, **kwargs)
        suspicions, errors = judge(call)
        self._keep(place, call, suspicions, errors)
        result = original(*args, **kwargs)
        self._keep_value(place, call, result)
        return result

    def _keep(self, place: Place, call: Call, suspicions: list[Suspicion], errors: list[str]) -> None:
        with self._lock:
            place.looked += 1
            place.trained = place.trained or call.graph
            place.add(suspicions)
            self._errors.extend(error for error in errors if error not in self._errors)
            fresh = [one for one in place.findings() if (id(place), one.code) not in self._told]
            self._told.update((id(place), one.code) for one in fresh)
        for finding in fresh:
            self._tell(finding)

    def _keep_value(self, place: Place, call: Call, result: object) -> None:
        """Remember the value of a reduced loss, and have the gradient at the prediction noted when it comes."""
        try:
            if isinstance(result, Tensor) and result.numel() == 1 and readable(result):
                place.values.append(float(result.detach()))
            axis, prediction = call.class_axis(), call.prediction
            if prediction is None:
                return
            place.classes = prediction.shape[axis] if axis is not None and prediction.dim() else None
            if call.graph and prediction.requires_grad and isinstance(result, Tensor) and result.requires_grad:
                backward.note_gradient(prediction, place.gradients)
        except Exception as error:  # an observation must never stop the loop
            self._errors.append(f"value: {type(error).__name__}: {error}")

    def _on_backward(self, original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        number, self._backwards = self._backwards, self._backwards + 1
        if self._schedule.samples(number):
            self._side(backward.judge, original, args, kwargs, "torch.Tensor.backward")
            self._tap_packages()  # those imported after the start
        result = taps.undisturbed(original, *args, **kwargs)
        if self._compile_again is not None and number + 1 >= self._schedule.first:
            self._end_eager()
        return result

    def _on_construction(self, original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._side(
            construction.judge_loss, original, args, kwargs, f"torch.nn.{type(args[0]).__name__}" if args else ""
        )
        return original(*args, **kwargs)  # constructors of parent classes are not asked again

    def _on_softmax(self, original: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._side(construction.judge_softmax, original, args, kwargs, f"torch.nn.functional.{original.__name__}")
        return original(*args, **kwargs)

    def _side(
        self,
        rule: SideRule,
        original: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        name: str,
    ) -> None:
        """Ask a rule that needs no contract and reads no numbers."""
        try:
            suspicion = rule(original, args, kwargs)
        except Exception as error:
            self._errors.append(f"{rule.__name__}: {type(error).__name__}: {error}")
            return
        frame = None if suspicion is None else sites.caller()
        if suspicion is None or frame is None:
            return
        with self._lock:
            key = (sites.key(frame), name)
            place = self._places.setdefault(key, Place(sites.site(frame), name, None))
            place.calls, place.looked = place.calls + 1, place.looked + 1
            place.add([suspicion])
            fresh = [one for one in place.findings() if (id(place), one.code) not in self._told]
            self._told.update((id(place), one.code) for one in fresh)
        for finding in fresh:
            self._tell(finding)

    def report(self) -> WatchReport:
        """The report of everything seen so far."""
        with self._lock:
            places = list(self._places.values())
        findings = [finding for place in places for finding in self._judged(place, places)]
        findings.sort(key=lambda one: (one.span, one.code))
        observations = [one for place in places for one in _observations(place)]
        losses = tuple(place.summary() for place in places if place.contract is not None)
        return WatchReport(tuple(findings), tuple(observations), losses, tuple(self._notes()), tuple(self._errors))

    def _judged(self, place: Place, places: list[Place]) -> list[LossFinding]:
        """The findings of one place; an activation that only the evaluation has is its own rule."""
        return [construction.evaluation_only(finding, place, places) for finding in place.findings()]

    def _notes(self) -> Iterator[str]:
        graphs = (compiled.compilations() - self._compiled) if self.active else self._compiled
        if self._regions == "eager":
            yield compiled.EAGER
        elif graphs > 0:
            yield compiled.SKIPPED + compiled.HINT
        if self._unread:
            yield f"{self._unread} loss calls on fake, nested, sparse or transformed tensors were not looked at"


def _can_read(call: Call) -> bool:
    """Whether the tensors may be read now: plain ones, and no CUDA graph is being captured."""
    tensors = [value for value in call.arguments.values() if isinstance(value, Tensor)]
    if not all(readable(tensor) for tensor in tensors):
        return False
    return not (any(tensor.is_cuda for tensor in tensors) and torch.cuda.is_current_stream_capturing())


def _observations(place: Place) -> Iterator[Observation]:
    if place.contract is None:
        return
    known = {finding.code for finding in place.findings()}
    for one in signatures.read(place.contract.id, place.values, place.classes):
        if one.code is None or one.code not in known:
            yield Observation(one.kind, one.message, place.site.span, place.loss, one.numbers)
    gradients = place.gradients
    if len(gradients) >= 2 and max(gradients) == 0:
        text = f"the gradient at the prediction was exactly 0 on all {len(gradients)} batches looked at"
        yield Observation("zero-gradient", text, place.site.span, place.loss, {"batches": len(gradients)})
