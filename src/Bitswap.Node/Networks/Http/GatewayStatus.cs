using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Bitswap.Node.Networks.Http;

/// <summary>Reads what the status of an answer means that is no 200 (trustless and path gateway specifications, "Response Status Codes").</summary>
internal static class GatewayStatus
{
    private const int MaxText = 128;

    // boxo httpnet, isKnownNotFoundError: gateways that answer 500 where they have no such block
    private static readonly string[] _missingTexts = ["ipld: could not find node", "peer does not have", "getting pieces containing cid", "failed to load root node"];

    /// <summary>Returns what an answer means.</summary>
    public static async ValueTask<GatewayAnswer> ReadAsync(HttpResponseMessage response, TimeProvider clock, SilenceLimit silence)
    {
        HttpStatusCode status = response.StatusCode;
        TimeSpan? later = RetryAfter(response.Headers.RetryAfter, clock);
        string reason = $"it answered {GatewayException.Told(status)}{(later is { } time ? $", to be asked again after {NodeErrors.Seconds(time)}" : "")}";
        return status switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new GatewayAnswer(GatewayAnswerKind.Missing),
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => new GatewayAnswer(GatewayAnswerKind.Busy, reason) { RetryAfter = later },

            // They tell of the block as well as of the server: of the server where they say when to ask again.
            HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout when later is not null => new GatewayAnswer(GatewayAnswerKind.Busy, reason) { RetryAfter = later },
            HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout => new GatewayAnswer(GatewayAnswerKind.Refused, reason),
            HttpStatusCode.InternalServerError when await SaysMissingAsync(response, silence).ConfigureAwait(false) => new GatewayAnswer(GatewayAnswerKind.Missing),
            _ => new GatewayAnswer((int)status >= 500 ? GatewayAnswerKind.Failed : GatewayAnswerKind.Refused, reason),
        };
    }

    /// <summary>Returns whether an answer of 500 says that there is no such block.</summary>
    public static async ValueTask<bool> SaysMissingAsync(HttpResponseMessage response, SilenceLimit silence)
    {
        byte[] text = new byte[MaxText];
        Stream stream = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        int count = 0;
        try
        {
            while (count < text.Length && await stream.ReadAsync(text.AsMemory(count), silence.Begin()).ConfigureAwait(false) is > 0 and int read)
            {
                silence.End();
                count += read;
            }
        }
        catch (Exception broken) when (broken is IOException || silence.IsOver)
        {
            // Whatever it was to say, it failed.
        }

        string said = Encoding.UTF8.GetString(text, 0, count);
        return _missingTexts.Any(known => said.StartsWith(known, StringComparison.Ordinal));
    }

    /// <summary>Returns how long to wait (RFC 9110 section 10.2.3); null where it is not said.</summary>
    public static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, TimeProvider clock)
    {
        TimeSpan? wait = header?.Delta ?? (header?.Date is { } date ? date - clock.GetUtcNow() : null);
        return wait is { } time ? time > TimeSpan.Zero ? time : TimeSpan.Zero : null;
    }
}
