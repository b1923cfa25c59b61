namespace Bitswap.Node.Networks.Http;

/// <summary>
/// The body of a CAR as it comes: it may be silent for so long and no longer, and is not to come slower than blocks may that are asked for one by one. Time in which it is not read does
/// not count. What comes is told, so that a large block on a slow line is not silence. It is read forward, by one caller at a time.
/// </summary>
/// <param name="body">Where it comes from.</param>
/// <param name="admission">Hears that something came.</param>
/// <param name="isOfUse">Is told of how many bytes came, and says whether that counts as a sign of life.</param>
/// <param name="timeout">How long nothing may come.</param>
/// <param name="clock">The clock.</param>
/// <param name="caller">Gives up.</param>
internal sealed class CarBody(Stream body, IMessageAdmission admission, Func<long, bool> isOfUse, TimeSpan timeout, TimeProvider clock, CancellationToken caller) : Stream
{
    private static readonly TimeSpan _slack = MessageOptions.TransferTime(0);

    private readonly SilenceLimit _silence = new(timeout, clock, caller);

    // How long may be waited yet before it comes too slowly.
    private TimeSpan _credit = _slack;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Gets how many bytes came.</summary>
    public long Came { get; private set; }

    /// <summary>Gets whether all of it came.</summary>
    public bool IsEnded { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="TimeoutException">Nothing came in time, or it comes too slowly.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        long begun = clock.GetTimestamp();
        int count;
        try
        {
            count = await body.ReadAsync(buffer, _silence.Begin()).ConfigureAwait(false);
            _silence.End();
        }
        catch (OperationCanceledException) when (_silence.IsOver)
        {
            throw new TimeoutException($"its CAR broke off after {Came} bytes: nothing came for {NodeErrors.Seconds(timeout)}");
        }

        Came += count;
        IsEnded |= count == 0 && buffer.Length > 0;
        TimeSpan credit = _credit + MessageOptions.TimeOf(count);
        _credit = (credit < _slack ? credit : _slack) - clock.GetElapsedTime(begun);
        if (_credit < TimeSpan.Zero && count > 0)
        {
            throw new TimeoutException($"its CAR came too slowly, {Came} bytes of it");
        }

        if (isOfUse(Came))
        {
            await admission.ArrivingAsync(caller).ConfigureAwait(false);
        }

        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _silence.Dispose();
        }

        base.Dispose(disposing);
    }
}
