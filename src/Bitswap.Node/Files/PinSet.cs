namespace Bitswap.Node.Files;

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

    /// <summary>The pins, oldest first.</summary>
    public IReadOnlyList<Pin> List() => [.. _pins.Values.OrderBy(pin => pin.Created)];

    /// <summary>The pin of a block, or null.</summary>
    public Pin? Find(Cid cid)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return _pins.GetValueOrDefault(cid.ToV1());
    }

    /// <summary>Pins a block; false when it was pinned just so. What was pinned otherwise is changed. Waits while unneeded blocks are collected.</summary>
    /// <param name="cid">The block.</param>
    /// <param name="recursive">Whether to keep everything below it.</param>
    /// <param name="name">What a person calls it, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BitswapException"><c>TooManyPins</c>. <c>StoreFailed</c>: the file cannot be written, and nothing has changed.</exception>
    /// <exception cref="ArgumentException">The name is longer than <see cref="MaxNameLength"/>.</exception>
    public async ValueTask<bool> AddAsync(Cid cid, bool recursive, string? name = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cid);
        if (name?.Length > MaxNameLength)
        {
            throw new ArgumentException($"A pin's name has {MaxNameLength} characters at most.", nameof(name));
        }

        return await ChangeAsync(
            pins =>
            {
                Pin? old = pins.GetValueOrDefault(cid.ToV1());
                if (old is not null && old.Recursive == recursive && old.Name == name)
                {
                    return false;
                }

                if (old is null && pins.Count >= _maxPins)
                {
                    throw new BitswapException(
                        "TooManyPins", $"The node has {_maxPins} pins, as many as it may.", "Pin a folder that holds several things, or remove pins.", cid);
                }

                pins[cid.ToV1()] = new Pin(cid, recursive, name, old?.Created ?? _clock.GetUtcNow());
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a pin away; false when there was none. The blocks stay until they are collected. Waits while that is done.</summary>
    /// <exception cref="BitswapException"><c>StoreFailed</c>: the file cannot be written, and nothing has changed.</exception>
    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return ChangeAsync(pins => pins.Remove(cid.ToV1()), cancellationToken);
    }

    /// <summary>Holds off every change until <see cref="Unlock"/>.</summary>
    internal Task LockAsync(CancellationToken cancellationToken) => _change.WaitAsync(cancellationToken);

    internal void Unlock() => _change.Release();

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
