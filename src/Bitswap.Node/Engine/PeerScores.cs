using System.Collections.Concurrent;
using Bitswap.Protocol;

namespace Bitswap.Node.Engine;

/// <summary>
/// The scores of peers by the engine's ledgers, by which a full network chooses the connections to close. Written on the loop, read by any thread.
/// </summary>
/// <remarks>
/// A score halves every <see cref="BitswapEngine.ScoreHalfLife"/>, so a kept one would be wrong a moment later. Its logarithm plus the half-lives
/// gone by at that moment stays as it is, and orders peers as their scores do at any one time.
/// </remarks>
internal sealed class PeerScores
{
    // Less than any peer that gave a block is worth.
    private const double Taker = 1e-6;

    private readonly ConcurrentDictionary<PeerId, double> _worth = new();

    /// <summary>Returns a number that is larger for a peer that is worth more; 0 for one that neither gave nor took a block.</summary>
    public double Of(PeerId peer) => _worth.GetValueOrDefault(peer);

    /// <summary>The peer has taken a block. On the loop only.</summary>
    public void Served(PeerId peer) => _worth.TryAdd(peer, Taker);

    /// <summary>The peer came, or gave a block. On the loop only.</summary>
    public void Update(BitswapEngine engine, PeerId peer, TimeSpan now)
    {
        double score = engine.Score(peer);
        if (score > 0)
        {
            _worth[peer] = Math.Max(Taker, Math.Log2(score) + (now / BitswapEngine.ScoreHalfLife));
        }
    }

    /// <summary>The peer is gone. On the loop only.</summary>
    public void Remove(PeerId peer) => _worth.TryRemove(peer, out _);
}
