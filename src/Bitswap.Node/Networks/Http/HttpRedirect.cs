using System.Net;
using System.Net.Http.Headers;

namespace Bitswap.Node.Networks.Http;

/// <summary>Reads where an answer leads (RFC 9110 section 10.2.2).</summary>
internal static class HttpRedirect
{
    /// <summary>Gets the place that an answer leads to, as it is written there; null when the answer leads nowhere.</summary>
    public static string? LocationOf(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.NonValidated.TryGetValues("Location", out HeaderStringValues values)
            ? values.FirstOrDefault()
            : null;

    /// <summary>Makes a URL of a place; false when it is none of HTTP, names a user, or gives up encryption.</summary>
    /// <param name="from">The URL that was asked.</param>
    /// <param name="location">The place as it is written in the answer.</param>
    /// <param name="next">The URL to ask next.</param>
    public static bool TryFollow(Uri from, string? location, out Uri next)
    {
        bool isUrl = Uri.TryCreate(from, location, out Uri? found)
            && found is { Scheme: "http" or "https", Host.Length: > 0, UserInfo.Length: 0 }
            && !(from.Scheme == Uri.UriSchemeHttps && found.Scheme == Uri.UriSchemeHttp);
        next = isUrl ? found! : from;
        return isUrl;
    }
}
