namespace Bitswap;

/// <summary>A CAR that was written or read.</summary>
public sealed class BitswapCar
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>1 or 2.</summary>
    public required int Version { get; init; }

    /// <summary>The roots that it names.</summary>
    public required string[] Roots { get; init; }

    /// <summary>The roots that were pinned, each with all below it; empty unless that was asked for.</summary>
    public string[] Pinned { get; init; } = [];

    /// <summary>How many blocks it has.</summary>
    public required long Blocks { get; init; }

    /// <summary>How many bytes the file has been written with, or read of.</summary>
    public required long Size { get; init; }

    /// <summary>The node whose blocks they are.</summary>
    public required string Node { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
