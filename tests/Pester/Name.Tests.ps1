BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"
    $folder = New-TemporaryFolder
    $router = [BitswapTestRouter]::new()
    $dns = [BitswapTestDns]::new()
    $site = New-Item -ItemType File -Path "$folder/site/a.txt" -Value 'a file' -Force
    $provider = Start-BitswapNode
    $root = (Add-BitswapFile $site.Directory -Recurse -Node $provider).Cid
    $key = New-NameRecord $router "/ipfs/$root" -Sequence 7 -Ttl '00:10:00'
    $chain = New-NameRecord $router "/ipns/$key/a.txt"
    $dns.Texts['_dnslink.docs.example'] = "dnslink=/ipns/$key"
    # a node that asks DNS on its own, and one that does not
    $node = Start-BitswapNode -Router $router.Uri -Option @{ DnsServer = $dns.Address; ResolveNames = $true }
    $plain = Start-BitswapNode -Option @{ DnsServer = $dns.Address }
    $null = Connect-BitswapPeer $provider -Node $node
}

AfterAll {
    Clear-Nodes
    $router, $dns | ForEach-Object Dispose
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Resolve-BitswapName' {
    It 'gives what an IPNS name leads to, and what its record says' {
        $found = Resolve-BitswapName $key -Node $node
        $found.Name | Should -Be $key
        $found.Path | Should -Be "/ipfs/$root"
        $found.Cid | Should -Be $root
        $found.Source | Should -Be "$($router.Uri)".TrimEnd('/')
        $found.Sequence | Should -Be 7
        $found.Ttl | Should -BeGreaterThan ([timespan] '00:09:00')
        $found.Ttl | Should -BeLessOrEqual ([timespan] '00:10:00')
        $found.ValidUntil | Should -BeGreaterThan ([DateTimeOffset]::UtcNow)
        $found.Node | Should -Be $node.Name
        "$found" | Should -Be "/ipfs/$root"
        $router.Requests | Should -Contain "/routing/v1/ipns/$key"
    }

    It 'reads what a person may paste: <_>' -ForEach '{0}', ' {0} ', '/ipns/{0}', 'ipns://{0}', 'https://host.example/ipns/{0}/', 'https://{0}.ipns.host.example', 'docs.example', 'https://docs.example/', 'ipns://docs.example', 'https://docs-example.ipns.host.example/' {
        (Resolve-BitswapName ($_ -f $key) -Node $node).Path | Should -Be "/ipfs/$root"
    }

    It 'takes several by the pipeline, and one that is bad does not spoil the others' {
        $found = 'localhost', "$key/a.txt", 'docs.example' | Resolve-BitswapName -Node $node -ErrorVariable failed -ErrorAction SilentlyContinue
        $found.Path | Should -Be "/ipfs/$root/a.txt", "/ipfs/$root"
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -Match '^InvalidName,'
        $found.Cid | Should -Be $root, $root
    }

    It 'follows names to content, and with -NoRecurse one alone' {
        $found = Resolve-BitswapName "/ipns/$chain" -Node $node
        $found.Path | Should -Be "/ipfs/$root/a.txt"
        (Resolve-BitswapName $chain -NoRecurse -Node $node).Path | Should -Be "/ipns/$key/a.txt"
        (Resolve-BitswapName docs.example -Node $node).Source | Should -Be 'DNS', "$($router.Uri)".TrimEnd('/')
    }

    It 'asks again with -NoCache, and else when the time is over' {
        $null = Resolve-BitswapName docs.example -Node $node
        $before = $dns.Asked.Count
        $null = Resolve-BitswapName docs.example -Node $node
        $dns.Asked.Count | Should -Be $before
        $null = Resolve-BitswapName docs.example -NoCache -Node $node
        $dns.Asked.Count | Should -Be ($before + 1)
    }

    It 'asks DNS although the node does not on its own, and the routers that are named' {
        (Resolve-BitswapName docs.example -NoRecurse -Node $plain).Path | Should -Be "/ipns/$key"
        (Get-Failure { Resolve-BitswapName $key -Node $plain }).FullyQualifiedErrorId | Should -Match '^NoNameSource,'
        (Resolve-BitswapName $key -Router $router.Uri -Node $plain).Path | Should -Be "/ipfs/$root"
    }

    It 'says why a name leads nowhere' {
        $stale = New-NameRecord $router "/ipfs/$root" -Valid '-00:00:01'
        $failure = Get-Failure { Resolve-BitswapName $stale -Node $node }
        $failure.FullyQualifiedErrorId | Should -Match '^NameNotFound,'
        "$failure" | Should -BeLike '*sequence 0 expired at*'
        $failure = Get-Failure { Resolve-BitswapName nothing.example -Node $node }
        $failure.FullyQualifiedErrorId | Should -Match '^NameNotFound,'
        "$failure" | Should -BeLike '*no TXT record of _dnslink.nothing.example*'
        (Get-Failure { Resolve-BitswapName "/ipfs/$root" -Node $node }).FullyQualifiedErrorId | Should -Match '^InvalidPath,'
        (Get-Failure { Resolve-BitswapName $root -Node $node }).FullyQualifiedErrorId | Should -Match '^InvalidName,'
    }

    It 'ends when its time is over' {
        $silent = [BitswapTestRouter]::new()
        try {
            $silent.IsSilent = $true
            $failure = Get-Failure { Resolve-BitswapName $key -Router $silent.Uri -NoCache -TimeoutSeconds 0.2 -Node $node }
            $failure.FullyQualifiedErrorId | Should -Match '^Timeout,'
        }
        finally {
            $silent.Dispose()
        }
    }
}

Describe 'What a name leads to' {
    It 'is taken by the cmdlets that take a CID, with its path' {
        $found = Resolve-BitswapName "$key/a.txt" -Node $node
        $found | Get-BitswapContent -AsString -Node $node | Should -Be 'a file'
        $found | ConvertTo-Json | ConvertFrom-Json | Get-BitswapContent -AsString -Node $node | Should -Be 'a file'
        Resolve-BitswapName $chain -NoRecurse -Node $node | Get-BitswapContent -AsString -Node $node | Should -Be 'a file'
    }
}

Describe 'A name in the place of a CID' {
    It 'is resolved where the node was told of a source' {
        Get-BitswapContent "ipns://docs.example/a.txt" -AsString -Node $node | Should -Be 'a file'
        Get-BitswapBlock "https://$key.ipns.host.example/a.txt" -AsString -Node $node | Should -Be 'a file'
        (Get-BitswapFile "/ipns/$key" -Node $node).Name | Should -Be 'a.txt'
        Get-Content -Raw (Save-BitswapFile "ipns://$chain" $folder -Name saved.txt -PassThru -Node $node) | Should -Be 'a file'
    }

    It 'is told what it stands for by -Verbose' {
        $told = Get-BitswapContent "ipns://$key/a.txt" -AsString -Node $node -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
        "$told" | Should -BeLike "*/ipns/$key/a.txt is /ipfs/$root/a.txt (from $("$($router.Uri)".TrimEnd('/')))*"
    }

    It 'is not asked of DNS unless the node may, and the error says how it may' {
        $before = $dns.Asked.Count
        $failure = Get-Failure { Get-BitswapContent ipns://unasked.example/a.txt -Node $plain }
        $failure.FullyQualifiedErrorId | Should -Match '^NoNameSource,'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*Resolve-BitswapName*ResolveNames*-Public*'
        $dns.Asked.Count | Should -Be $before
    }

    It 'is taken from memory alone with -Local' {
        $stranger = Start-BitswapNode -Router $router.Uri
        $failure = Get-Failure { Get-BitswapContent "/ipns/$key/a.txt" -Local -Node $stranger }
        $failure.FullyQualifiedErrorId | Should -Match '^NoNameSource,'
        "$failure" | Should -BeLike '*not remembered*'
        $null = Resolve-BitswapName $key -Node $stranger
        (Get-Failure { Get-BitswapContent "/ipns/$key/a.txt" -Local -Node $stranger }).FullyQualifiedErrorId | Should -Match '^BlockNotFound,'
    }
}
