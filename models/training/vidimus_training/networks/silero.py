"""silero VAD (16 kHz): the probability of speech in 32 ms, with a recurrent state.

Silero Team, "Silero VAD: pre-trained enterprise-grade Voice Activity Detector", 2024. Own network with the names and
shapes of the published ONNX file; its branches for other ranks of the input are left out.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class _Stft(nn.Module):
    """Magnitude of 129 bins by convolution with learnt bases (cosines, then sines)."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("forward_basis_buffer", torch.zeros(258, 1, 256))

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x.unsqueeze(1), (0, 64), mode="reflect")
        real, imaginary = F.conv1d(x, self.forward_basis_buffer, stride=128).chunk(2, dim=1)
        return torch.sqrt(real * real + imaginary * imaginary)


class _Encode(nn.Module):
    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.reparam_conv = nn.Conv1d(channels, out, 3, stride=stride, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.reparam_conv(x))


class _Cell(nn.Module):
    """One step of a long short-term memory, gates in PyTorch's order: input, forget, cell, output."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.zeros(4 * width, width))
        self.weight_hh = nn.Parameter(torch.zeros(4 * width, width))
        self.bias_ih = nn.Parameter(torch.zeros(4 * width))
        self.bias_hh = nn.Parameter(torch.zeros(4 * width))

    def forward(self, x: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        gates = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(hidden, self.weight_hh, self.bias_hh)
        write, keep, new, show = gates.chunk(4, dim=1)
        cell = torch.sigmoid(keep) * cell + torch.sigmoid(write) * torch.tanh(new)
        return torch.sigmoid(show) * torch.tanh(cell), cell


class _Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = _Cell(128)
        self.decoder = nn.Sequential(nn.Dropout(0.1), nn.ReLU(), nn.Conv1d(128, 1, 1), nn.Sigmoid())

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        hidden, cell = self.rnn(x, state[0], state[1])
        return self.decoder(hidden.unsqueeze(2)).mean(dim=2), torch.stack([hidden, cell])


class SileroVad(nn.Module):
    """(n, 576): 64 samples of context and 512 new ones; state (2, n, 128), zero at the beginning; rate 16000.

    Returns the probability (n, 1) and the next state. The rate has no effect; the published graph asks for it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stft = _Stft()
        sizes = ((129, 128, 1), (128, 64, 2), (64, 64, 2), (64, 128, 1))
        self.encoder = nn.Sequential(*(_Encode(a, b, s) for a, b, s in sizes))
        self.decoder = _Decoder()

    def forward(self, x: Tensor, state: Tensor, rate: Tensor) -> tuple[Tensor, Tensor]:
        probability, following = self.decoder(self.encoder(self.stft(x)).squeeze(2), state)
        return probability, following + (rate * 0).to(following.dtype)
