using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Connections;

/// <summary>A dial under way and who waits for it.</summary>
internal sealed class SharedDial
{
    /// <summary>What it leads to.</summary>
    public TaskCompletionSource<Libp2pConnection> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends it.</summary>
    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>The addresses it tries.</summary>
    public required IReadOnlyCollection<Multiaddr> Addresses { get; init; }

    /// <summary>On what terms it tries them; null for none.</summary>
    public required DialTerms? Terms { get; init; }

    /// <summary>How many wait. Guarded by the lock of <see cref="SharedDials"/>.</summary>
    public int Waiting { get; set; }
}
