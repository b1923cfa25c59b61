using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>An open provider search. As a timer: the end of the host's patience.</summary>
internal sealed class ProviderSearch(long id, ClientWant want, ProviderSearches searches) : EngineTimer
{
    public ClientWant Want => want;

    internal override void Fire(TimeSpan now) => searches.Found(id, [], finished: true);
}
