namespace Bitswap.Peer.Kills;

/// <summary>What must be there after a kill, by the lines that the process wrote before it.</summary>
internal sealed class KillJournal
{
    private readonly Dictionary<string, Cid> _saved = [];
    private readonly Dictionary<string, Cid> _unfinished = [];
    private bool _isClearing;

    /// <summary>Roots that were added, and that no clear can have taken.</summary>
    public HashSet<Cid> Added { get; } = [];

    /// <summary>Roots whose pin was acknowledged.</summary>
    public HashSet<Cid> Pinned { get; } = [];

    /// <summary>Roots that were being pinned or unpinned: their pin is there or not.</summary>
    public HashSet<Cid> Changing { get; } = [];

    /// <summary>What was saved, by name.</summary>
    public IReadOnlyDictionary<string, Cid> Saved => _saved;

    /// <summary>What was being saved, by name.</summary>
    public IReadOnlyDictionary<string, Cid> Unfinished => _unfinished;

    /// <summary>Begins a new process, with the pins that the last one left.</summary>
    public void Begin(IEnumerable<Cid> pins)
    {
        Pinned.Clear();
        Pinned.UnionWith(pins);
        Changing.Clear();
        _saved.Clear();
        _unfinished.Clear();
        _isClearing = false;
    }

    /// <summary>Reads a line.</summary>
    public void Read(string line)
    {
        string[] words = line.Split(' ');
        Cid? root = words.Length > 1 ? Cid.Parse(words[1]) : null;
        switch (words[0])
        {
            case KillWords.Ready or KillWords.Collected:
                break;
            case KillWords.Clearing:
                _isClearing = true;
                Added.Clear();
                break;
            case KillWords.Cleared:
                _isClearing = false;
                break;
            case KillWords.Added when _isClearing:
                break;
            case KillWords.Added:
                Added.Add(root!);
                break;
            case KillWords.Pinning:
                Changing.Add(root!);
                break;
            case KillWords.Pinned:
                Changing.Remove(root!);
                Pinned.Add(root!);
                break;
            case KillWords.Unpinning:
                Pinned.Remove(root!);
                Changing.Add(root!);
                break;
            case KillWords.Refused or KillWords.Unpinned:
                Changing.Remove(root!);
                break;
            case KillWords.Saving:
                _saved.Remove(words[2]);
                _unfinished[words[2]] = root!;
                break;
            case KillWords.Saved:
                _unfinished.Remove(words[2]);
                _saved[words[2]] = root!;
                break;
            default:
                throw new InvalidOperationException($"The process says '{line}', which is none of its words.");
        }
    }
}
