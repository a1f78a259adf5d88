"""The data part of a configuration for SAM 2's training code; knows the loaders' names and nothing else."""

from typing import Final

TRAINING: Final = """# The data part of a configuration for the training code of facebookresearch/sam2 (training/train.py):
# put it in the place of trainer.data.train, and set SAV_ROOT to the folder that this file lies in.
# ann_every is 1 because every frame is annotated. Eight frames in a row of 30 frames/s are a quarter of a
# second; sample_rate 5 gives the span of SA-V's own 6 annotated frames/s, and needs clips of 36 frames.
# drop_last loses all of a dataset that has fewer clips than a batch.
_target_: training.dataset.sam2_datasets.TorchTrainMixedDataset
phases_per_epoch: 1
batch_sizes: [1]
num_workers: 4
shuffle: true
pin_memory: true
drop_last: true
collate_fn:
  _target_: training.utils.data_utils.collate_fn
  _partial_: true
  dict_key: all
datasets:
  - _target_: training.dataset.utils.RepeatFactorWrapper
    dataset:
      _target_: training.dataset.utils.ConcatDataset
      datasets:
        - _target_: training.dataset.vos_dataset.VOSDataset
          training: true
          multiplier: 1
          video_dataset:
            _target_: training.dataset.vos_raw_dataset.JSONRawDataset
            img_folder: ${oc.env:SAV_ROOT}/JPEGImages
            gt_folder: ${oc.env:SAV_ROOT}
            file_list_txt: ${oc.env:SAV_ROOT}/train.txt
            ann_every: 1
            sample_rate: 1
          sampler:
            _target_: training.dataset.vos_sampler.RandomUniformSampler
            num_frames: 8
            max_num_objects: 3
          transforms:
            - _target_: training.dataset.transforms.ComposeAPI
              transforms:
                - _target_: training.dataset.transforms.RandomHorizontalFlip
                  consistent_transform: true
                - _target_: training.dataset.transforms.RandomResizeAPI
                  sizes: 1024
                  square: true
                  consistent_transform: true
                - _target_: training.dataset.transforms.ToTensorAPI
                - _target_: training.dataset.transforms.NormalizeAPI
                  mean: [0.485, 0.456, 0.406]
                  std: [0.229, 0.224, 0.225]
"""
