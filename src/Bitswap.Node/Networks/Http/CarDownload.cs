using System.Net;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Car;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Networks.Http;

/// <summary>One CAR of a gateway, from the request to its last block: each is verified as it comes, given on where it is wanted, and else held.</summary>
/// <param name="address">The gateway.</param>
/// <param name="source">How far the source reaches that named it; null where a person did.</param>
/// <param name="walk">The walk that it is for.</param>
/// <param name="share">What all gateways of a node share.</param>
/// <param name="give">Takes a block that is wanted.</param>
internal sealed class CarDownload(HttpAddress address, AddressScope? source, GraphWalk walk, GatewayShare share, Action<GatewayMessage> give)
{
    // A header has the root and little more.
    private const int MaxHeader = 64 * 1024;

    // A CID before the block.
    private const int MaxCid = 256;

    // What needs no memory that is lent.
    private const int SmallSize = 16 * 1024;

    private static readonly Task<string?> _sound = Task.FromResult<string?>(null);

    private readonly CarPlan _plan = new(walk.Range);
    private CarHold? _hold;
    private GraphRange _range = walk.Range;
    private bool _isBrokenOff;

    /// <summary>Gets what is held of it.</summary>
    public CarHold Hold => _hold ??= new CarHold(walk, _plan, share.Options.MaxCarBytes, share.Messages.Clock);

    /// <summary>Gets the walk that it is for.</summary>
    public GraphWalk Walk => walk;

    /// <summary>Gets how many bytes came.</summary>
    public long Came { get; private set; }

    /// <summary>Gets whether the answer says that the gateway has no CARs at all.</summary>
    public bool IsWithoutCars { get; private set; }

    /// <summary>Takes a want for a block, and gives the block on where it is held.</summary>
    public bool TryTake(in WantlistEntry entry)
    {
        if (!Hold.TryTake(entry, out Block? block))
        {
            return false;
        }

        if (block is { } held)
        {
            Give(held);
        }

        return true;
    }

    /// <summary>Goes on where it broke off, or to what was not come to; false where the rest is to be asked for block by block.</summary>
    /// <param name="answer">How the last request went.</param>
    public bool TryGoOn(GatewayAnswer answer)
    {
        bool isDone = answer is { Kind: GatewayAnswerKind.Given, Reason: null } && _plan.IsContinued;
        if ((!isDone && !_isBrokenOff) || _plan.Next() is not { } next)
        {
            return false;
        }

        _range = next;
        return true;
    }

    /// <summary>Asks for it and reads it to its end.</summary>
    /// <param name="admission">Hears that something comes.</param>
    /// <param name="handBack">Takes wants that are to be asked for one by one, as what they wait for is too far on.</param>
    /// <param name="ends">Gives up.</param>
    /// <returns>How it went: <see cref="GatewayAnswerKind.Given"/> where it came whole, or was left although it came in order.</returns>
    public async ValueTask<GatewayAnswer> RunAsync(IMessageAdmission admission, Action<IReadOnlyList<WantlistEntry>> handBack, CancellationToken ends)
    {
        TimeProvider clock = share.Messages.Clock;
        using SilenceLimit silence = new(share.Options.GatewayTimeout, clock, ends);
        CarBody? begun = null;
        _isBrokenOff = false;
        try
        {
            using HttpResponseMessage response = await share.Http.SendAsync(address, source, _range, silence).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                IsWithoutCars = response.StatusCode is HttpStatusCode.NotAcceptable or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.NotImplemented;
                return await GatewayStatus.ReadAsync(response, clock, silence).ConfigureAwait(false);
            }

            if (Refusal(response) is { } refusal)
            {
                IsWithoutCars = true;
                return new GatewayAnswer(GatewayAnswerKind.Refused, refusal);
            }

            Stream stream = await response.Content.ReadAsStreamAsync(ends).ConfigureAwait(false);
            Hold.ReadsOn();
            using CarBody body = begun = new(stream, admission, came => IsOfUse(came, handBack), share.Options.GatewayTimeout, clock, ends);
            try
            {
                return await ReadAsync(body, handBack, ends).ConfigureAwait(false);
            }
            finally
            {
                Came = body.Came;
            }
        }
        catch (GatewayException failure)
        {
            return new GatewayAnswer(failure.IsMisleading ? GatewayAnswerKind.Refused : GatewayAnswerKind.Failed, failure.Message.TrimEnd('.'));
        }
        catch (CarException damage)
        {
            _isBrokenOff = begun?.IsEnded == true;
            return new GatewayAnswer(GatewayAnswerKind.Failed, $"its CAR is damaged: {damage.Message.TrimEnd('.')}");
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException or TimeoutException or InvalidDataException)
        {
            _isBrokenOff = begun is not null && broken is IOException or HttpRequestException;
            return new GatewayAnswer(GatewayAnswerKind.Failed, broken.Message.TrimEnd('.'));
        }
    }

    /// <summary>Looks at it while it comes, also within a section that does not end: wants do not wait long for what is of no use, and what goes on so is left.</summary>
    /// <returns>Whether what came last was of use, so that the gateway is not silent.</returns>
    private bool IsOfUse(long came, Action<IReadOnlyList<WantlistEntry>> handBack)
    {
        // the largest section that is read to memory may be underway
        if (Hold.WasteOf(came) > share.Messages.Wire.MaxBlockSize + MaxCid)
        {
            throw new InvalidDataException($"its CAR has much that is of no use, {came} bytes came of it");
        }

        TimeSpan idle = Hold.Idle;
        if (idle > MessageOptions.TransferTime(share.Messages.Wire.MaxBlockSize))
        {
            throw new TimeoutException($"its CAR brought nothing of use for {NodeErrors.Seconds(idle)}, {came} bytes of it");
        }

        if (Hold.TakeOverdue() is { Count: > 0 } overdue)
        {
            handBack(overdue);
        }

        return idle < CarHold.IdleTime;
    }

    // Its parameters are only said by some gateways, and the roots of its header mean nothing (trustless gateway specification, "CAR roots"): the blocks say what it holds.
    private static string? Refusal(HttpResponseMessage response) =>
        response.Content.Headers.ContentType is not { MediaType: GatewayHttp.Car }
            ? $"it answered with {(response.Content.Headers.ContentType is null ? "no type" : "another type")} where a CAR was asked for"
            : response.Content.Headers.ContentEncoding.Any(static coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
                ? "it answered with a CAR that is compressed, which was not asked for"
                : null;

    private async ValueTask<GatewayAnswer> ReadAsync(CarBody body, Action<IReadOnlyList<WantlistEntry>> handBack, CancellationToken ends)
    {
        int largest = share.Messages.Wire.MaxBlockSize;
        CarOptions options = new() { MaxHeaderSize = MaxHeader, MaxSectionSize = largest + MaxCid, Rent = Rent, Verify = false };
        await using CarReader reader = await CarReader.OpenAsync(body, options, leaveOpen: true, ends).ConfigureAwait(false);

        // A block is hashed while the next is read; it does not wait for that to be whole.
        Task<string?> former = _sound;
        try
        {
            while (true)
            {
                if (Hold.WasteOf(body.Came) > 0)
                {
                    return new GatewayAnswer(GatewayAnswerKind.Given, "most of its CAR is there already");
                }

                if (await Hold.WaitForRoomAsync(handBack, ends).ConfigureAwait(false) is { } left)
                {
                    return new GatewayAnswer(GatewayAnswerKind.Given, left);
                }

                CarBlock? read = null;
                bool isPassedOver = false;
                try
                {
                    read = await reader.ReadAsync(ends).ConfigureAwait(false);
                }
                catch (CarException refused) when (refused.IsPassedOver)
                {
                    isPassedOver = true;
                }

                if (await former.ConfigureAwait(false) is { } damage)
                {
                    return new GatewayAnswer(GatewayAnswerKind.Failed, damage);
                }

                if (read is { } section)
                {
                    former = section.Data.Length <= SmallSize ? Task.FromResult(Take(section)) : Task.Run(() => Take(section), CancellationToken.None);
                }
                else if (!isPassedOver)
                {
                    return new GatewayAnswer(GatewayAnswerKind.Given);
                }
            }
        }
        finally
        {
            await ((Task)former).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Verifies a block, and gives it on or holds it; returns what is wrong with it.</summary>
    private string? Take(CarBlock section)
    {
        if (!section.Cid.Hash.Matches(section.Data.Span))
        {
            return $"its CAR is damaged: the block {section.Cid} does not hash to its CID";
        }

        Block block = new(section.Cid, section.Data);
        _plan.Take(block);
        bool isWanted = Hold.Add(block, out bool isDropped);
        _plan.Came(block.Cid.Hash);
        if (isDropped)
        {
            share.Messages.Memory.Return(block.Data);
            return null;
        }

        _plan.Count(block.Data.Length);
        if (isWanted)
        {
            Give(block);
        }

        return null;
    }

    private byte[] Rent(int size) => size <= SmallSize ? GC.AllocateUninitializedArray<byte>(size) : share.Messages.Memory.Rent(size);

    private void Give(Block block) =>
        give(new GatewayMessage(new BitswapMessage { Blocks = [block] }, block.Cid.ByteLength + block.Data.Length, share.Messages.Memory, new CarRoom(Hold, block)));

    // The room that a block takes until it is stored.
    private sealed class CarRoom(CarHold hold, Block block) : IDisposable
    {
        public void Dispose() => hold.Release(block);
    }
}
