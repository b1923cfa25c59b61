using System.Collections.Concurrent;
using System.Globalization;
using Bitswap.Node.Observability;

namespace Bitswap.Blocks;

/// <summary>
/// Tells how blocks are fetched while they are: who is asked for each, who answers what, and in what time. Looks on at the node's messages and
/// tells of those about the CIDs it was given.
/// </summary>
/// <param name="tell">Takes a line. Called on the node's loop: it must return at once.</param>
internal sealed class FetchStory(Action<string> tell) : NodeObserver(ObservationKinds.Messages)
{
    private readonly ConcurrentDictionary<Multihash, Cid> _followed = new();

    // touched on the loop alone
    private readonly Dictionary<(PeerId Peer, Multihash Hash), DateTimeOffset> _asked = [];

    /// <summary>Tells of a block from now on.</summary>
    public void Follow(Cid cid) => _followed.TryAdd(cid.Hash, cid);

    /// <summary>Tells of it no more.</summary>
    public void Unfollow(Cid cid) => _followed.TryRemove(cid.Hash, out _);

    /// <inheritdoc/>
    public override void Observe(NodeObservation observation)
    {
        if (observation is not MessageObservation message)
        {
            return;
        }

        if (message.IsSent)
        {
            foreach (WantlistEntry entry in message.Entries)
            {
                Sent(message, entry);
            }

            return;
        }

        foreach (BlockSummary block in message.Blocks)
        {
            Answered(message, block.Cid, string.Create(CultureInfo.InvariantCulture, $"sent {block.Size} bytes"));

            // who has sent it is told nothing more about it
            _asked.Remove((message.Peer, block.Cid.Hash));
        }

        foreach (BlockPresence presence in message.Presences)
        {
            Answered(message, presence.Cid, presence.Type == PresenceType.Have ? "said HAVE" : "said DONT_HAVE");
        }
    }

    private void Sent(MessageObservation message, in WantlistEntry entry)
    {
        if (entry.Cancel)
        {
            _asked.Remove((message.Peer, entry.Cid.Hash));
        }

        if (!_followed.TryGetValue(entry.Cid.Hash, out Cid? cid))
        {
            return;
        }

        if (entry.Cancel)
        {
            tell($"{cid}: sent CANCEL to {message.Peer}");
            return;
        }

        _asked[(message.Peer, cid.Hash)] = message.Time;
        tell(entry.Type == WantType.Have ? $"{cid}: asked {message.Peer} whether it has it" : $"{cid}: asked {message.Peer} for the block");
    }

    private void Answered(MessageObservation message, Cid about, string said)
    {
        if (!_followed.TryGetValue(about.Hash, out Cid? cid))
        {
            return;
        }

        // a HAVE is an answer, and the block may still follow
        string after = _asked.TryGetValue((message.Peer, cid.Hash), out DateTimeOffset asked)
            ? string.Create(CultureInfo.InvariantCulture, $" after {(message.Time - asked).TotalMilliseconds:0.0} ms")
            : "";
        tell($"{cid}: {message.Peer} {said}{after}");
    }
}
