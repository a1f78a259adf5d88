"""Small SAM 2 networks with random weights from a fixed seed."""

import torch
from sam2.modeling.backbones.hieradet import Hiera
from sam2.modeling.backbones.image_encoder import FpnNeck, ImageEncoder
from sam2.modeling.memory_attention import MemoryAttention, MemoryAttentionLayer
from sam2.modeling.memory_encoder import CXBlock, Fuser, MaskDownSampler, MemoryEncoder
from sam2.modeling.position_encoding import PositionEmbeddingSine
from sam2.modeling.sam.transformer import RoPEAttention
from sam2.sam2_video_predictor import SAM2VideoPredictor

SIDE = 128


def _attention(**more):
    shape = {"embedding_dim": 64, "num_heads": 1, "downsample_rate": 1, "dropout": 0.1}
    return RoPEAttention(rope_theta=10000.0, feat_sizes=(8, 8), **shape, **more)


def _image_encoder():
    trunk = Hiera(
        embed_dim=16,
        num_heads=1,
        stages=(1, 1, 2, 1),
        global_att_blocks=(3,),
        window_pos_embed_bkg_spatial_size=(7, 7),
    )
    neck = FpnNeck(
        PositionEmbeddingSine(64),
        64,
        [128, 64, 32, 16],
        fpn_top_down_levels=[2, 3],
        fpn_interp_model="nearest",
    )
    return ImageEncoder(trunk, neck, scalp=1)


def _memory_parts():
    layer = MemoryAttentionLayer(
        activation="relu",
        dim_feedforward=128,
        dropout=0.1,
        pos_enc_at_attn=False,
        self_attention=_attention(),
        d_model=64,
        pos_enc_at_cross_attn_keys=True,
        pos_enc_at_cross_attn_queries=False,
        cross_attention=_attention(rope_k_repeat=True, kv_in_dim=32),
    )
    encoder = MemoryEncoder(
        out_dim=32,
        mask_downsampler=MaskDownSampler(64, kernel_size=3, stride=2, padding=1),
        fuser=Fuser(CXBlock(64, kernel_size=7, padding=3), 2),
        position_encoding=PositionEmbeddingSine(32),
        in_dim=64,
    )
    return MemoryAttention(64, pos_enc_at_input=True, layer=layer, num_layers=2), encoder


def build(*, seed=0, bias=0.0, **more):
    """Return upstream's predictor with random weights; ``bias`` moves all object scores."""
    torch.manual_seed(seed)
    attention, encoder = _memory_parts()
    model = SAM2VideoPredictor(
        image_encoder=_image_encoder(),
        memory_attention=attention,
        memory_encoder=encoder,
        image_size=SIDE,
        sigmoid_scale_for_mem_enc=20.0,
        sigmoid_bias_for_mem_enc=-10.0,
        use_mask_input_as_output_without_sam=True,
        directly_add_no_mem_embed=True,
        no_obj_embed_spatial=True,
        use_high_res_features_in_sam=True,
        multimask_output_in_sam=True,
        iou_prediction_use_sigmoid=True,
        use_obj_ptrs_in_encoder=True,
        proj_tpos_enc_in_obj_ptrs=True,
        use_signed_tpos_enc_to_obj_ptrs=True,
        only_obj_ptrs_in_the_past_for_eval=True,
        pred_obj_scores=True,
        pred_obj_scores_mlp=True,
        fixed_no_obj_ptr=True,
        multimask_output_for_tracking=True,
        use_multimask_token_for_obj_ptr=True,
        multimask_min_pt_num=0,
        use_mlp_for_obj_ptr_proj=True,
        binarize_mask_from_pts_for_mem_enc=True,
        **more,
    ).eval()
    with torch.no_grad():
        model.sam_mask_decoder.pred_obj_score_head.layers[-1].bias += bias
    return model
