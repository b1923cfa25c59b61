using System.Globalization;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Node.Repositories;

namespace Bitswap.Node.Providing;

/// <content>What one run does; nothing else runs at the same time.</content>
internal sealed partial class SweepProvider
{
    private ProvideKeys? _keys;
    private long _listed;
    private long _saved;
    private int _cursor;

    // guarded by the lock
    private int _count;
    private long _leftOut;
    private long _announced;
    private long _failed;
    private long _lookups;

    /// <summary>Announces what is due: what is new first, then part after part.</summary>
    /// <returns>Why it failed; null where nothing is due any more.</returns>
    private async Task<string?> AnnounceDueAsync(CancellationToken cancellationToken)
    {
        string? failure = null;
        while (failure is null)
        {
            if (TakeNew() is { Count: > 0 } blocks)
            {
                failure = await AnnounceNewAsync(ProvidedBlocks.Of(blocks), cancellationToken).ConfigureAwait(false);
            }
            else if (TakePin() is { } pin)
            {
                failure = await AnnounceNewAsync(pin, cancellationToken).ConfigureAwait(false);
            }
            else if (NextPart() is { } part)
            {
                failure = await AnnouncePartAsync(part, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                break;
            }

            if (_clock.GetElapsedTime(_saved) >= _saveInterval)
            {
                Save();
            }
        }

        return failure;
    }

    private HashSet<Multihash> TakeNew()
    {
        lock (_lock)
        {
            HashSet<Multihash> taken = [.. _new];
            _new.Clear();
            return taken;
        }
    }

    private Pin? TakePin()
    {
        lock (_lock)
        {
            return _newPins.TryDequeue(out Pin? pin) ? pin : null;
        }
    }

    private int? NextPart()
    {
        if (_clock.GetElapsedTime(_started) < _startWait)
        {
            return null;
        }

        DateTimeOffset now = _clock.GetUtcNow();
        lock (_lock)
        {
            for (int i = 0; i < ProvideSchedule.Parts; i++)
            {
                int part = (_cursor + i) % ProvideSchedule.Parts;
                if (DueAt(part, now) <= now)
                {
                    return part;
                }
            }
        }

        return null;
    }

    private async Task<string?> AnnounceNewAsync(ProvideKeys blocks, CancellationToken cancellationToken)
    {
        string? failure = "It was given up.";
        try
        {
            failure = (await SweepAsync(blocks, null, null, cancellationToken).ConfigureAwait(false)).Failure;
        }
        finally
        {
            lock (_lock)
            {
                for (int i = 0; failure is not null && i < blocks.Count; i++)
                {
                    MarkDue(ProvideSchedule.PartOf(blocks.PlaceAt(i)));
                }

                _retried += failure is null ? 0 : blocks.Count;
                _pending.Clear();
                _pending.UnionWith(_new.Select(block => PartOf(block)));
            }
        }

        return failure;
    }

    private async Task<string?> AnnounceNewAsync(Pin pin, CancellationToken cancellationToken)
    {
        bool isListed = false;
        try
        {
            ProvideKeys blocks = await ApartAsync(() => _blocks.ListPinAsync(pin, cancellationToken), cancellationToken).ConfigureAwait(false);
            isListed = true;
            return await AnnounceNewAsync(blocks, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                if (!isListed)
                {
                    MarkAllDue();
                }

                _isPinPending = _newPins.Count > 0;
            }
        }
    }

    private async Task<string?> AnnouncePartAsync(int part, CancellationToken cancellationToken)
    {
        ProvideKeys keys = await ListAsync(cancellationToken).ConfigureAwait(false);
        (string? failure, ulong coveredTo) = await SweepAsync(keys, part, LastWith(part), cancellationToken).ConfigureAwait(false);
        if (failure is not null)
        {
            // the others have their turn before it is tried again
            _cursor = (part + 1) % ProvideSchedule.Parts;
            return failure;
        }

        DateTimeOffset now = _clock.GetUtcNow();
        bool isEnd = false;
        lock (_lock)
        {
            for (; part < ProvideSchedule.Parts && ProvideSchedule.EndOf(part) <= coveredTo; part++)
            {
                // what came since the list was made is not told
                isEnd |= !_unlisted.Contains(part) && _state.Note(part, now);
            }
        }

        _cursor = part % ProvideSchedule.Parts;
        if (isEnd)
        {
            _log.SweepEnded(keys.Count, Shown(_state.SweepStarted), Shown(_state.SweepEnded));
        }

        return null;
    }

    /// <summary>Returns the last of the parts behind one that are due with it or soon after.</summary>
    private int LastWith(int part)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        lock (_lock)
        {
            int last = part;
            while (last + 1 < ProvideSchedule.Parts && DueAt(last + 1, now) <= now + _schedule.Ahead)
            {
                last++;
            }

            return last;
        }
    }

    private static string Shown(DateTimeOffset? time) => time?.ToString("u", CultureInfo.InvariantCulture) ?? "";

    private async Task<ProvideKeys> ListAsync(CancellationToken cancellationToken)
    {
        bool isStale;
        lock (_lock)
        {
            isStale = _isListStale;
            _isListStale = false;
            _unlisted.Clear();
        }

        if (!isStale && _keys is { } keys && _clock.GetElapsedTime(_listed) < _longestWait)
        {
            return keys;
        }

        // the old list goes before the new one comes
        _keys = null;
        long now = _clock.GetTimestamp();
        keys = await ApartAsync(() => _blocks.ListAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        (_keys, _listed) = (keys, now);
        lock (_lock)
        {
            (_count, _leftOut, _retried) = (keys.Count, keys.LeftOut, 0);
        }

        if (keys.LeftOut > 0)
        {
            _log.KeysLeftOut(keys.LeftOut, _blocks.Max);
        }

        return keys;
    }

    // a store may be anyone's code, and a stop does not wait for one that hangs
    private static Task<ProvideKeys> ApartAsync(Func<Task<ProvideKeys>> list, CancellationToken cancellationToken) =>
        Task.Run(list, cancellationToken).WaitAsync(cancellationToken);

    /// <returns>Why no peer of some region took anything, null where every region was told; and up to where blocks were announced.</returns>
    private async Task<(string? Failure, ulong CoveredTo)> SweepAsync(ProvideKeys keys, int? part, int? last, CancellationToken cancellationToken)
    {
        string? failure = null;
        ProvideRun run = new(_target, _streams, _clock);
        ProvideSweep sweep = part is { } only && last is { } limit
            ? run.SweepOf(keys, ProvideSchedule.StartOf(only), ProvideSchedule.EndOf(only), ProvideSchedule.EndOf(limit))
            : run.SweepOf(keys);
        try
        {
            await run.RunAsync(
                sweep,
                region =>
                {
                    int taken = region.CountTaken();
                    lock (_lock)
                    {
                        failure ??= region.Failure;
                        _announced += taken;
                        _failed += region.Keys.Count - taken;
                    }

                    return ValueTask.CompletedTask;
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _lookups += run.Lookups;
            }
        }

        return (failure, sweep.CoveredTo);
    }

    private void Save()
    {
        byte[]? encoded;
        lock (_lock)
        {
            encoded = _state.Encode(part => _isPinPending || _pending.Contains(part));
        }

        _saved = _clock.GetTimestamp();
        if (encoded is null)
        {
            return;
        }

        try
        {
            _state.Write(encoded);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.ProvideFileNotWritten(error.Message);
        }
    }
}
