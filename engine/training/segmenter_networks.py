"""Which network a training begins with and how it is to be seen: random, given, or resumed; trains nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from engine.errors import SettingsError, WeightsError
from engine.models.checkpoints import build_official, load_segmenter
from engine.models.fit import recognise
from engine.models.nano import build_nano
from engine.training.segmenter_options import CONTEXT, Options, Views

NANO = "nano"
RATES = {"random": 8e-4, NANO: 2e-4, "official": 2e-5}
WEIGHTS = "litesam2_nano.safetensors"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is about: the model's name, the square that it sees, in which views, and the highest learning rate."""

    model: str
    side: int
    context: float
    views: Views
    rate: float

    @property
    def weights(self) -> str:
        """Return the name of the file of weights."""
        return WEIGHTS if self.model == NANO else f"{self.model}.safetensors"


@dataclass(frozen=True, slots=True)
class Begun:
    """A network on the CPU with its plan; ``fresh`` when the run begins, or began, with random weights."""

    network: Any
    plan: Plan
    fresh: bool


def begin(options: Options) -> Begun:
    """Return the network that a new run begins with: that of ``options.init``, or ``options.model`` with random weights.

    Raises:
        WeightsError: ``options.init`` does not load, or ``options.model`` is unknown.
    """
    if options.init is None:
        return _planned(_random(options.model), {}, options, fresh=True)
    loaded = load_segmenter(options.init)
    return _planned(loaded.network, loaded.about, options, fresh=False)


def resume(
    tensors: Mapping[str, Any], about: Mapping[str, str], options: Options, *, fresh: bool
) -> Begun:
    """Return the network of a checkpoint, its tensors not yet filled in, as it was planned unless ``options`` differ.

    ``fresh`` says whether that run began with random weights.

    Raises:
        WeightsError: the tensors are of no model that is known here.
    """
    name = recognise(tensors)
    return _planned(_random(name), about, options, fresh=fresh)


def resize(network: Any, side: int) -> None:
    """Let a SAM 2 see squares of ``side`` pixels; its weights do not depend on it."""
    tokens = side // network.backbone_stride
    network.image_size, network.sam_image_embedding_size = side, tokens
    prompts = network.sam_prompt_encoder
    prompts.image_embedding_size = (tokens, tokens)
    prompts.input_image_size = (side, side)
    prompts.mask_input_size = (4 * tokens, 4 * tokens)


def level_widths(network: Any) -> list[int]:
    """Return the channels of the feature levels, finest first; the decoder's are narrower."""
    if not network.use_high_res_features_in_sam:
        return [network.hidden_dim]
    decoder = network.sam_mask_decoder
    return [decoder.conv_s0.out_channels, decoder.conv_s1.out_channels, network.hidden_dim]


def _random(name: str) -> Any:
    """Return a model with random weights."""
    if name != NANO:
        return build_official(name)
    network: Any = build_nano()
    # A ball is nearly always there: begin so, or the score starves everything behind it.
    nn.init.constant_(network.sam_mask_decoder.pred_obj_score_head.layers[-1].bias, 2.0)
    return network


def _planned(network: Any, about: Mapping[str, str], options: Options, *, fresh: bool) -> Begun:
    """Return a network with its plan: what is asked for, else what its weights say, else the usual."""
    name = recognise(network.state_dict())
    windowed = name == NANO or "context" in about
    usual = RATES["random" if fresh else NANO if name == NANO else "official"]
    try:
        plan = Plan(
            name,
            options.side or int(about.get("side", network.image_size)),
            options.context or float(about.get("context", CONTEXT)),
            options.views or _views(about.get("views", "windows" if windowed else "frame")),
            options.rate or float(about.get("rate", usual)),
        )
    except ValueError as error:
        raise WeightsError(f"{options.init}: its header is damaged ({error}); {about}") from error
    resize(network, plan.side)
    return Begun(network, plan, fresh)


def _views(said: str) -> Views:
    """Return how pictures are seen.

    Raises:
        SettingsError: in no way that is known.
    """
    match said:
        case "windows" | "frame" | "both":
            return said
        case _:
            raise SettingsError(f"views = {said!r}: expected windows, frame or both")
