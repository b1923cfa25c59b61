using Bitswap.Node.Content;

namespace Bitswap.Node.Repositories;

/// <summary>
/// The pins of a node. They are kept in the file <c>pins.json</c> of its repository, which is written aside, flushed and renamed before a change
/// counts; a node in memory keeps them in memory. A block has one pin, whatever the version of the CID. Thread-safe.
/// </summary>
public sealed class PinSet
{
    /// <summary>The most pins: each change writes them all, and a folder of pinned things is one pin.</summary>
    public const int MaxPins = 100_000;

    /// <summary>The most characters of a name.</summary>
    public const int MaxNameLength = 1024;

    private readonly SemaphoreSlim _change = new(1, 1);
    private readonly string? _file;
    private readonly int _maxPins;
    private readonly TimeProvider _clock;
    private volatile Dictionary<Cid, Pin> _pins;

    internal PinSet(string? file, TimeProvider clock, int maxPins = MaxPins)
    {
        _maxPins = maxPins;
        _file = file;
        _clock = clock;
        _pins = file is null ? [] : PinFile.Read(file).ToDictionary(pin => pin.Cid.ToV1());
    }

    /// <summary>Returns the pins, oldest first.</summary>
    public IReadOnlyList<Pin> List() => [.. _pins.Values.OrderBy(pin => pin.Created)];

    /// <summary>Returns the pin of a block, or null.</summary>
    public Pin? Find(Cid cid)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return _pins.GetValueOrDefault(cid.ToV1());
    }

    /// <summary>Takes a pin away; false when there was none. The blocks stay until they are collected. Waits while that is done.</summary>
    /// <exception cref="BitswapException"><c>StoreFailed</c>: the file cannot be written, and nothing has changed.</exception>
    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return RemoveAsync([cid], cancellationToken);
    }

    /// <summary>Takes pins away, as <see cref="RemoveAsync(Cid, CancellationToken)"/>; false when there was none of them.</summary>
    internal ValueTask<bool> RemoveAsync(IReadOnlyList<Cid> cids, CancellationToken cancellationToken) =>
        ChangeAsync(pins => Each(cids, cid => pins.Remove(cid.ToV1())), cancellationToken);

    /// <summary>Pins blocks as they are, whole or not: only for <see cref="PinWalk"/>, which has looked. Waits while unneeded blocks are collected.</summary>
    /// <param name="cids">The blocks. What was pinned otherwise is changed.</param>
    /// <param name="recursive">Whether to keep everything below them.</param>
    /// <param name="name">What a person calls them; null leaves a pin that is there its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when all were pinned just so.</returns>
    /// <exception cref="BitswapException"><c>TooManyPins</c>. <c>StoreFailed</c>: the file cannot be written, and nothing has changed.</exception>
    /// <exception cref="ArgumentException">The name is longer than <see cref="MaxNameLength"/>.</exception>
    internal async ValueTask<bool> AddAsync(IReadOnlyList<Cid> cids, bool recursive, string? name = null, CancellationToken cancellationToken = default)
    {
        if (name?.Length > MaxNameLength)
        {
            throw new ArgumentException($"A pin's name has {MaxNameLength} characters at most.", nameof(name));
        }

        return await ChangeAsync(pins => Each(cids, cid => Add(pins, cid, recursive, name)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Holds off every change until <see cref="Unlock"/>.</summary>
    internal Task LockAsync(CancellationToken cancellationToken) => _change.WaitAsync(cancellationToken);

    internal void Unlock() => _change.Release();

    // changes all of them, and tells whether any was changed
    private static bool Each(IReadOnlyList<Cid> cids, Func<Cid, bool> change)
    {
        bool isChanged = false;
        foreach (Cid cid in cids)
        {
            isChanged |= change(cid);
        }

        return isChanged;
    }

    private bool Add(Dictionary<Cid, Pin> pins, Cid cid, bool recursive, string? name)
    {
        Pin? old = pins.GetValueOrDefault(cid.ToV1());
        name ??= old?.Name;
        if (old is not null && old.Recursive == recursive && old.Name == name)
        {
            return false;
        }

        if (old is null && pins.Count >= _maxPins)
        {
            throw new BitswapException(
                NodeErrorIds.TooManyPins, $"The node has {_maxPins} pins, as many as it may.", "Pin a folder that holds several things, or remove pins.", cid);
        }

        pins[cid.ToV1()] = new Pin(cid, recursive, name, old?.Created ?? _clock.GetUtcNow());
        return true;
    }

    private async ValueTask<bool> ChangeAsync(Func<Dictionary<Cid, Pin>, bool> change, CancellationToken cancellationToken)
    {
        await _change.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Dictionary<Cid, Pin> pins = new(_pins);
            if (!change(pins))
            {
                return false;
            }

            if (_file is not null)
            {
                await Task.Run(() => PinFile.Write(_file, pins.Values), cancellationToken).ConfigureAwait(false);
            }

            _pins = pins;
            return true;
        }
        finally
        {
            _change.Release();
        }
    }
}

/// <summary>A block that the collection of unneeded blocks leaves alone.</summary>
/// <param name="Cid">The block.</param>
/// <param name="Recursive">Whether everything below it is kept as well.</param>
/// <param name="Name">What a person calls it, or null.</param>
/// <param name="Created">When it was pinned.</param>
public sealed record Pin(Cid Cid, bool Recursive, string? Name, DateTimeOffset Created);
