using System.Runtime.CompilerServices;
using Bitswap.Node.Names;

namespace Bitswap.Node.Tests.Support;

/// <summary>A place in memory that keeps records of names and gives them, as a router does: it takes no record that is older than the one it has.</summary>
internal sealed class FakeRouting : INameSource, INameTarget
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, IpnsRecord> _records = [];
    private readonly List<IpnsRecord> _puts = [];

    public string Name { get; init; } = "the router";

    /// <summary>Why it takes nothing; null where it does.</summary>
    public string? Refusal { get; set; }

    /// <summary>Waited for before it answers.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Called when a record is put, before it is answered.</summary>
    public Action<IpnsRecord> Putting { get; set; } = _ => { };

    /// <summary>Called when it is asked for a record, before it answers.</summary>
    public Action Finding { get; set; } = () => { };

    /// <summary>The records that it was given, in their order.</summary>
    public IReadOnlyList<IpnsRecord> Puts
    {
        get
        {
            lock (_lock)
            {
                return [.. _puts];
            }
        }
    }

    public void Hold(IpnsRecord record) => _records[record.Name] = record;

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> FindRecordsAsync(PeerId name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Finding();
        await Gate.WaitAsync(cancellationToken);
        if (_records.TryGetValue(name, out IpnsRecord? record))
        {
            yield return record.Bytes;
        }
    }

    public async IAsyncEnumerable<NamePut> PutRecordAsync(PeerId name, ReadOnlyMemory<byte> record, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IpnsRecord given = IpnsRecord.Decode(record, name);
        Putting(given);
        await Gate.WaitAsync(cancellationToken);
        string? refusal = Refusal;
        lock (_lock)
        {
            _puts.Add(given);
            if (_records.TryGetValue(name, out IpnsRecord? known) && known.CompareTo(given) > 0)
            {
                refusal ??= "It has a newer one.";
            }

            if (refusal is null)
            {
                _records[name] = given;
            }
        }

        yield return new NamePut(null, refusal);
    }
}
