"""LiteSAM2-nano: a SAM 2 of few million parameters on windows of 96 px; knows no weights and no training.

All parts but the trunk are the classes of the ``sam2`` package; the trunk is a small residual convolutional
network with batch normalisation, which learns from nothing where a transformer does not.
"""

from typing import Any

from sam2.modeling.backbones.image_encoder import FpnNeck, ImageEncoder
from sam2.modeling.memory_attention import MemoryAttention, MemoryAttentionLayer
from sam2.modeling.memory_encoder import CXBlock, Fuser, MaskDownSampler, MemoryEncoder
from sam2.modeling.position_encoding import PositionEmbeddingSine
from sam2.modeling.sam.transformer import RoPEAttention
from sam2.modeling.sam2_base import SAM2Base
from torch import Tensor, nn

SIDE, WIDTH, MEMORY = 96, 128, 32
STAGES = ((40, 2), (80, 2), (160, 3))  # channels and blocks at strides 4, 8, 16


class Block(nn.Module):
    """Two 3x3 convolutions around a shortcut."""

    def __init__(self, width: int) -> None:
        """Keep ``width`` channels."""
        super().__init__()
        self.body = nn.Sequential(*_conv(width, width), nn.ReLU(), *_conv(width, width))

    def forward(self, x: Tensor) -> Tensor:
        """Return float (N, width, h, w) for float (N, width, h, w)."""
        out: Tensor = nn.functional.relu(x + self.body(x))
        return out


class Trunk(nn.Module):
    """Feature maps at strides 4, 8 and 16, finest first, as ``ImageEncoder`` wants them."""

    def __init__(self) -> None:
        """Build the stages."""
        super().__init__()
        first = STAGES[0][0]
        self.stem = nn.Sequential(*_conv(3, 24, stride=2), nn.ReLU())
        widths = [24, *(width for width, _ in STAGES)]
        self.stages = nn.ModuleList(
            nn.Sequential(
                *_conv(before, width, stride=2), nn.ReLU(), *(Block(width) for _ in range(blocks))
            )
            for before, (width, blocks) in zip(widths, STAGES, strict=False)
        )
        self.channel_list = [width for width, _ in reversed(STAGES)]
        assert self.channel_list[-1] == first  # noqa: S101 - the neck trusts this order

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return three feature maps for pictures float (N, 3, S, S)."""
        x, levels = self.stem(x), []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        return levels


def nano_parts() -> dict[str, Any]:
    """Return the arguments that make ``SAM2Base``, or any class made from it, a nano."""
    return {
        "image_encoder": ImageEncoder(trunk=Trunk(), neck=_neck(), scalp=0),
        "memory_attention": _memory_attention(),
        "memory_encoder": _memory_encoder(),
        "num_maskmem": 7,
        "image_size": SIDE,
        "sigmoid_scale_for_mem_enc": 20.0,
        "sigmoid_bias_for_mem_enc": -10.0,
        "use_mask_input_as_output_without_sam": True,
        "directly_add_no_mem_embed": True,
        "no_obj_embed_spatial": True,
        "use_high_res_features_in_sam": True,
        "iou_prediction_use_sigmoid": True,
        "use_obj_ptrs_in_encoder": True,
        "add_tpos_enc_to_obj_ptrs": True,
        "proj_tpos_enc_in_obj_ptrs": True,
        "use_signed_tpos_enc_to_obj_ptrs": True,
        "only_obj_ptrs_in_the_past_for_eval": True,
        "pred_obj_scores": True,
        "pred_obj_scores_mlp": True,
        "fixed_no_obj_ptr": True,
        "use_mlp_for_obj_ptr_proj": True,
    }


def build_nano() -> SAM2Base:
    """Return a nano with random weights, in training mode."""
    return SAM2Base(**nano_parts())


def _conv(before: int, after: int, *, stride: int = 1) -> tuple[nn.Module, nn.Module]:
    """Return a 3x3 convolution and its normalisation."""
    return nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after)


def _sine(width: int) -> PositionEmbeddingSine:
    """Return the position encoding of a map of ``width`` channels."""
    return PositionEmbeddingSine(num_pos_feats=width, normalize=True, scale=None, temperature=10000)


def _neck() -> FpnNeck:
    """Return the neck: one width for all levels, the coarse seen by the middle one."""
    return FpnNeck(
        position_encoding=_sine(WIDTH),
        d_model=WIDTH,
        backbone_channel_list=[width for width, _ in reversed(STAGES)],
        fpn_top_down_levels=[1, 2],
        fpn_interp_model="nearest",
    )


def _attention(**more: Any) -> RoPEAttention:
    """Return an attention with rotary positions over the tokens of one window."""
    tokens = SIDE // 16
    return RoPEAttention(
        rope_theta=10000.0,
        feat_sizes=[tokens, tokens],
        embedding_dim=WIDTH,
        num_heads=1,
        downsample_rate=1,
        dropout=0.0,
        **more,
    )


def _memory_attention() -> MemoryAttention:
    """Return one layer of self- and memory attention."""
    layer = MemoryAttentionLayer(
        activation="relu",
        dim_feedforward=2 * WIDTH,
        dropout=0.0,
        pos_enc_at_attn=False,
        self_attention=_attention(),
        d_model=WIDTH,
        pos_enc_at_cross_attn_keys=True,
        pos_enc_at_cross_attn_queries=False,
        cross_attention=_attention(rope_k_repeat=True, kv_in_dim=MEMORY),
    )
    return MemoryAttention(d_model=WIDTH, pos_enc_at_input=True, layer=layer, num_layers=1)


def _memory_encoder() -> MemoryEncoder:
    """Return the encoder of masks into memories of ``MEMORY`` channels."""
    block = CXBlock(
        dim=WIDTH, kernel_size=7, padding=3, layer_scale_init_value=1e-2, use_dwconv=True
    )
    return MemoryEncoder(
        in_dim=WIDTH,
        out_dim=MEMORY,
        position_encoding=_sine(MEMORY),
        mask_downsampler=MaskDownSampler(embed_dim=WIDTH, kernel_size=3, stride=2, padding=1),
        fuser=Fuser(layer=block, num_layers=1),
    )
