"""Augmentation of whole batches of images with numbers of its own for each sample.

What is done to a sample depends on the seed, the epoch and the sample's place in it alone, so a resumed run sees the
same images. The numbers are drawn on the CPU and the pixels changed on the device where they are.
"""

import math

import numpy as np
import torch
from torch.nn import functional

from workbench.spec.datasets.augmentation import AugmentedImages
from workbench.spec.datasets.component import DatasetComponent
from workbench.spec.tasks import DatasetInfo

_ERASED_AREA = (0.02, 0.33)
_ERASED_ASPECT = (0.3, 3.3)
"""Of Zhong et al. 2020, section 3."""
_GREY = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in a pixel's brightness (ITU-R BT.601)."""
_VARY, _MIX = 1, 2


class Augmentation:
    """Varies the training images as the declaration says."""

    def __init__(self, spec: AugmentedImages, classes: int) -> None:
        """``classes`` is how many there are where targets are indices of classes, else 0."""
        self._spec = spec
        self._classes = classes

    @property
    def varies(self) -> bool:
        """Whether single images are varied."""
        return self._spec.varies_images

    @property
    def mixes(self) -> bool:
        """Whether samples are blended with each other."""
        return self._spec.mixes_targets

    def vary(self, images: torch.Tensor, seed: int, epoch: int, place: int) -> torch.Tensor:
        """Images ``(N, C, H, W)``, float32 from 0 to 1, that differ from ``images`` as far as the declaration allows.

        ``place`` is the number of the first batch among them. Erased pixels are NaN: what stands for them is known
        only after normalisation.
        """
        spec, draw = self._spec, _Draws(_generator(seed, epoch, place, _VARY), len(images))
        if spec.crop_padding:
            images = _crop(images, spec.crop_padding, draw)
        if spec.horizontal_flip:
            images = torch.where(draw.chance(spec.horizontal_flip, images), images.flip(3), images)
        if spec.vertical_flip:
            images = torch.where(draw.chance(spec.vertical_flip, images), images.flip(2), images)
        if spec.rotation:
            images = _rotate(images, draw.uniform(-spec.rotation, spec.rotation))
        images = _jitter(images, spec, draw)
        if spec.erasing:
            images = _erase(images, spec.erasing, draw)
        return images

    def mix(
        self, inputs: torch.Tensor, targets: torch.Tensor, seed: int, epoch: int, place: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """A batch whose samples are blended with each other, and its targets: of classes float32 ``(N, classes)``, the
        shares of each."""
        generator = _generator(seed, epoch, place, _MIX)
        partners = torch.from_numpy(generator.permutation(len(inputs))).to(inputs.device)
        mixed = functional.one_hot(targets, self._classes).float() if self._classes else targets
        spec = self._spec
        is_cut = spec.cutmix > 0 and (spec.mixup == 0 or generator.random() < 0.5)
        strength = spec.cutmix if is_cut else spec.mixup
        kept = torch.from_numpy(generator.beta(strength, strength, len(inputs)))
        if is_cut:
            inside = _rectangles(inputs, (1 - kept).sqrt(), (1 - kept).sqrt(), _Draws(generator, len(inputs)))
            inputs = torch.where(inside, inputs[partners], inputs)
            kept = 1 - inside.double().mean(dim=(1, 2, 3)).cpu()
        shares = kept.float().to(inputs.device)
        if not is_cut:
            inputs = torch.lerp(inputs[partners], inputs, shares.view(-1, 1, 1, 1))
        return inputs, torch.lerp(mixed[partners], mixed, shares.view(-1, 1))


def _generator(seed: int, epoch: int, place: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, epoch, place, purpose])))


def augmentation_for(dataset: DatasetComponent, info: DatasetInfo) -> Augmentation | None:
    """What ``dataset`` declares; None where nothing is varied."""
    if isinstance(dataset, AugmentedImages) and (dataset.varies_images or dataset.mixes_targets):
        return Augmentation(dataset, len(info.targets) if info.is_classification else 0)
    return None


class _Draws:
    """Random numbers, one for each sample."""

    def __init__(self, generator: np.random.Generator, samples: int) -> None:
        self._generator = generator
        self._samples = samples

    def uniform(self, low: float, high: float) -> torch.Tensor:
        """float64 ``(N,)``."""
        return torch.from_numpy(self._generator.uniform(low, high, self._samples))

    def whole(self, stop: int) -> torch.Tensor:
        """int64 ``(N,)`` from 0 up to but without ``stop``."""
        return torch.from_numpy(self._generator.integers(0, stop, self._samples))

    def chance(self, probability: float, images: torch.Tensor) -> torch.Tensor:
        """bool ``(N, 1, 1, 1)`` on the device of ``images``."""
        return (self.uniform(0, 1) < probability).view(-1, 1, 1, 1).to(images.device)


def _crop(images: torch.Tensor, padding: int, draw: _Draws) -> torch.Tensor:
    samples, channels, height, width = images.shape
    padded = functional.pad(images, (padding,) * 4)
    top, left = (draw.whole(2 * padding + 1).to(images.device) for _ in range(2))
    rows = (top.view(-1, 1) + torch.arange(height, device=images.device)).view(samples, 1, height, 1)
    columns = (left.view(-1, 1) + torch.arange(width, device=images.device)).view(samples, 1, 1, width)
    sample = torch.arange(samples, device=images.device).view(-1, 1, 1, 1)
    channel = torch.arange(channels, device=images.device).view(1, -1, 1, 1)
    return padded[sample, channel, rows, columns]


def _rotate(images: torch.Tensor, degrees: torch.Tensor) -> torch.Tensor:
    """Turned about the middle, bilinear, black where nothing was."""
    height, width = images.shape[2:]
    radians = degrees * (math.pi / 180)
    cosine, sine, zero = radians.cos(), radians.sin(), torch.zeros_like(radians)
    # grid_sample's coordinates run from -1 to 1 along each side, whatever its length
    first = torch.stack([cosine, -sine * height / width, zero], dim=1)
    second = torch.stack([sine * width / height, cosine, zero], dim=1)
    turns = torch.stack([first, second], dim=1).float().to(images.device)
    grid = functional.affine_grid(turns, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def _jitter(images: torch.Tensor, spec: AugmentedImages, draw: _Draws) -> torch.Tensor:
    """Brightness, contrast and saturation, in this order; each as torchvision's ``ColorJitter`` changes it."""

    def factors(strength: float) -> torch.Tensor:
        return draw.uniform(1 - strength, 1 + strength).float().view(-1, 1, 1, 1).to(images.device)

    if spec.brightness:
        images = (images * factors(spec.brightness)).clamp_(0, 1)
    if spec.contrast:
        means = _grey(images).mean(dim=(1, 2, 3), keepdim=True)
        images = torch.lerp(means, images, factors(spec.contrast)).clamp_(0, 1)
    if spec.saturation and images.shape[1] == 3:
        images = torch.lerp(_grey(images), images, factors(spec.saturation)).clamp_(0, 1)
    return images


def _grey(images: torch.Tensor) -> torch.Tensor:
    """``(N, 1, H, W)``."""
    if images.shape[1] != 3:
        return images.mean(dim=1, keepdim=True)
    return (images * torch.tensor(_GREY, device=images.device).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)


def _erase(images: torch.Tensor, probability: float, draw: _Draws) -> torch.Tensor:
    chosen = draw.chance(probability, images)
    area = draw.uniform(*_ERASED_AREA)
    aspect = draw.uniform(*(math.log(limit) for limit in _ERASED_ASPECT)).exp()
    inside = _rectangles(images, (area * aspect).sqrt(), (area / aspect).sqrt(), draw)
    return images.masked_fill(chosen & inside, math.nan)


def _rectangles(images: torch.Tensor, heights: torch.Tensor, widths: torch.Tensor, draw: _Draws) -> torch.Tensor:
    """One rectangle a sample, inside the image, of about these shares of its sides: bool ``(N, 1, H, W)``."""
    spans = []
    for side, shares in ((images.shape[2], heights), (images.shape[3], widths)):
        lengths = (shares * side).round().clamp(0, side).long()
        starts = (draw.uniform(0, 1) * (side - lengths + 1)).floor().long()
        places = torch.arange(side)
        spans.append((places >= starts.view(-1, 1)) & (places < (starts + lengths).view(-1, 1)))
    rows, columns = spans
    return (rows.unsqueeze(2) & columns.unsqueeze(1)).unsqueeze(1).to(images.device)
