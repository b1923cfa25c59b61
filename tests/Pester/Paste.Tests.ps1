# One grammar for everything that is pasted: every cmdlet that takes a CID reads the same texts, and says of the same texts what they are instead.
BeforeDiscovery {
    . "$PSScriptRoot/Common.ps1"
    # What each cmdlet makes of a text, as the CID that it worked on. $node has the folder $root with the file a.txt, whose block is $file.
    $uses = [ordered]@{
        'Add-BitswapBlock' = { (Add-BitswapBlock 'a file' -Cid $text -Node $node).Cid }
        'Add-BitswapPin' = { (Add-BitswapPin $text -Direct -Node $node).Cid }
        'Export-BitswapCar' = { (Export-BitswapCar $text "$folder/out.car" -Force -Local -Node $node).Roots }
        'Find-BitswapProvider' = { (Find-BitswapProvider $text -Node $client).Cid }
        'Get-BitswapBlock' = { (Get-BitswapBlock $text -Node $client).Cid }
        'Get-BitswapCid' = { (Get-BitswapCid -Cid $text).Cid }
        'Get-BitswapContent' = { (Get-BitswapCid (Get-BitswapContent $text -AsString -Node $client)).Cid }
        'Get-BitswapFile' = { (Get-BitswapFile $text -Node $client).Cid }
        'Get-BitswapLink' = { (Get-BitswapBlock (Get-BitswapLink $text -Node $node -WarningAction Ignore) -Local -Node $node).Cid }
        'Get-BitswapPin' = { Add-BitswapPin $file -Direct -Node $node | Out-Null; (Get-BitswapPin $text -Node $node).Cid }
        'Remove-BitswapBlock' = { Remove-BitswapBlock $text -Force -Node $node; if (-not (Test-BitswapBlock $file -Node $node)) { $file }; Add-BitswapBlock 'a file' -Node $node | Out-Null }
        'Remove-BitswapFile' = { (Remove-BitswapFile $text -Force -PassThru -Node $node).Cid; Add-BitswapBlock 'a file' -Node $node | Out-Null }
        'Remove-BitswapPin' = { Add-BitswapPin $file -Direct -Node $node | Out-Null; Remove-BitswapPin $text -Node $node; if (-not (Get-BitswapPin -Node $node)) { $file } }
        'Save-BitswapFile' = { (Get-BitswapCid (Get-Content -Raw (Save-BitswapFile $text $folder -Name saved -Force -PassThru -Node $client))).Cid }
        'Show-BitswapDag' = { (Show-BitswapDag $text -Node $client).Cid }
        'Start-BitswapWant' = { (Start-BitswapWant $text -Node $node).Cid }
        'Stop-BitswapWant' = { $want = Start-BitswapWant $file -Node $stranger; Stop-BitswapWant -Cid $text -Node $stranger; if ($want.State -eq 'Cancelled') { $want.Cid }; $want | Stop-BitswapWant }
        'Test-BitswapBlock' = { (Test-BitswapBlock $text -Detailed -Node $node | Where-Object Available).Cid }
        'Test-BitswapDag' = { if (-not (Test-BitswapDag $text -Node $node)) { $file } }
    }
    $cids = @(
        '{0}', ' {0}', "{0}`r`n", "`t{0} ", 'ipfs:{0}', 'ipfs://{0}', '/ipfs/{0}', '/ipfs/{0}/', 'ipfs://{0}/?format=raw#top', 'https://host.example/ipfs/{0}', 'http://127.0.0.1:8080/ipfs/{0}?filename=a.txt',
        'https://{0}.ipfs.host.example', 'https://{0}.ipfs.host.example/?download=true',
        '<{0}>', '"{0}"', "'ipfs://{0}'", " <https://host.example/ipfs/{0}> ",
        '[a file](ipfs://{0})', '![picture](https://host.example/ipfs/{0} "a title")', '[a [b] c](<ipfs://{0}>)', '[]( /ipfs/{0} )'
    )
    $paths = '{0}/a.txt', '/ipfs/{0}/a.txt', " /ipfs/{0}/a.txt`n", 'ipfs://{0}/a.txt', 'ipfs://{0}/a%2Etxt?x=y', 'https://host.example/ipfs/{0}/a.txt', 'https://{0}.ipfs.host.example/a.txt?x=y', '"/ipfs/{0}/a.txt"', '[words](ipfs://{0}/a.txt)', '[{0}](https://host.example/ipfs/{0}/a.txt?x=y)'
    $names = '[docs](ipns://docs.example)', '/ipns/docs.example', '<ipns://docs.example>', 'ipns://docs.example/a/b', 'ipns:docs.example', 'https://host.example/ipns/docs.example/', 'https://docs-example.ipns.host.example/a', ' /ipns/k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r '
    # these name the data that they store, take a CID apart, or stop wants for what is nowhere
    $nameless = 'Add-BitswapBlock', 'Get-BitswapCid'
    $pathless = 'Add-BitswapBlock', 'Get-BitswapCid', 'Stop-BitswapWant'
    $cmdlets = $uses.Keys | ForEach-Object { @{ Name = $_; Use = $uses[$_]; IsPathless = $_ -in $pathless; nameless = $nameless; cids = $cids; paths = $paths; names = $names } }
    # by property name alone
    $piped = $cmdlets | Where-Object { $_.Name -notin 'Add-BitswapBlock', 'Get-BitswapCid', 'Stop-BitswapWant' }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $folder = New-TemporaryFolder
    $node = Start-BitswapNode
    $client = Start-BitswapNode
    $stranger = Start-BitswapNode
    $null = Connect-BitswapPeer $node -Node $client
    $source = New-Item -ItemType File -Path "$folder/site/a.txt" -Value 'a file' -Force
    $root = (Add-BitswapFile $source.Directory -Recurse -Node $node).Cid
    $file = (Get-BitswapCid 'a file').Cid

    # the same with a router and a name server, of which a name and a domain lead to the file
    . "$PSScriptRoot/Router.ps1"
    $router = [BitswapTestRouter]::new()
    $dns = [BitswapTestDns]::new()
    $key = New-NameRecord $router "/ipfs/$file"
    $dns.Texts['_dnslink.docs.example'] = "dnslink=/ipns/$key"
    $sources = @{ Router = $router.Uri; Option = @{ DnsServer = $dns.Address; ResolveNames = $true } }
    $naming = Start-BitswapNode @sources
    $namingClient = Start-BitswapNode @sources
    $namingStranger = Start-BitswapNode @sources
    $null = Connect-BitswapPeer $naming -Node $namingClient
    $null = Add-BitswapFile $source.Directory -Recurse -Node $naming
}
AfterAll {
    Clear-Nodes
    $router, $dns | ForEach-Object Dispose
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'What is pasted' {
    It 'is tried with every cmdlet that takes a CID' -ForEach @{ tried = @($uses.Keys) } {
        # Publish-BitswapProvider needs a DHT, and has its own test of what is pasted
        $takers = Get-Command -Module Bitswap | Where-Object Name -NE 'Publish-BitswapProvider' | Where-Object { ${_}?.Parameters['Cid']?.ParameterType -in [Bitswap.Binding.CidArgument], [Bitswap.Binding.CidArgument[]] }
        $takers.Name | Sort-Object | Should -Be $tried
    }
}

Describe 'What is pasted to <Name>' -ForEach $cmdlets {
    It 'is a CID, however it is written' {
        foreach ($form in $cids) {
            $text = $form -f $file
            & $Use | Should -Be $file -Because "'$text' names it"
        }
    }

    if (-not $IsPathless) {
        It 'is a path, which is followed' {
            foreach ($form in $paths) {
                $text = $form -f $root
                & $Use | Should -Be $file -Because "'$text' leads to it"
            }
        }
    }

    if ($IsPathless -and $Name -ne 'Stop-BitswapWant') {
        It 'is a path, which is said where a CID is needed' {
            foreach ($form in $paths) {
                $text = $form -f $root
                $failure = Get-Failure $Use
                ($failure.FullyQualifiedErrorId -split ',')[0] | Should -Be 'InvalidCid' -Because $text
                "$failure" | Should -BeLike "*$root/a.txt' is a path*"
            }
        }
    }

    It 'is an IPNS name, and said to be one' {
        foreach ($text in $names) {
            $failure = Get-Failure $Use
            if ($Name -in $nameless) {
                ($failure.FullyQualifiedErrorId -split ',')[0] | Should -Be 'UnsupportedName' -Because $text
                "$failure" | Should -BeLike '*is an IPNS name*'
            }
            else {
                # no source was named that it could be asked of
                ($failure.FullyQualifiedErrorId -split ',')[0] | Should -Be 'NoNameSource' -Because $text
                "$failure" | Should -BeLike ($Name -eq 'Export-BitswapCar' ? '*the name*is not remembered*-Local*' : $text -match 'k51' ? '*IPNS name*cannot be looked up*' : 'docs.example is a domain*')
            }
        }
    }

    It 'is the key of an IPNS name, and said to be one' {
        # k51..., and the same bytes in base32
        foreach ($text in 'k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r', 'ipfs://bafzaajaiaejcagyafvz5ypnxqze6dy3rp465m3w5azvp4la7qyouwgtdrikvuezt') {
            if ($Name -eq 'Get-BitswapCid') {
                # which takes apart what it is given
                (Get-BitswapCid -Cid $text).Codec | Should -Be 'libp2p-key'
                continue
            }

            $failure = Get-Failure $Use
            ($failure.FullyQualifiedErrorId -split ',')[0] | Should -Be ($Name -in $nameless ? 'UnsupportedName' : 'NoNameSource') -Because $text
            "$failure" | Should -BeLike ($Name -eq 'Export-BitswapCar' ? '*the name*is not remembered*-Local*' : '*IPNS name*')
        }
    }

    It 'is an IPNS name or a domain that leads to what is meant' {
        if ($Name -in $nameless) { Set-ItResult -Skipped -Because 'it takes a CID alone'; return }
        # nodes that were told of sources
        $node = $naming
        $client = $namingClient
        $stranger = $namingStranger
        foreach ($text in "/ipns/$key", $key, "ipns://$key/", 'https://host.example/ipns/docs.example', 'https://docs-example.ipns.host.example/') {
            if ($Name -eq 'Export-BitswapCar') {
                # with -Local it takes what the node remembers
                $null = Resolve-BitswapName $text -Node $node
            }

            & $Use | Should -Be $file -Because $text
        }
    }

    It 'is an empty text, and an error' {
        foreach ($text in '', ' ') {
            ((Get-Failure $Use).FullyQualifiedErrorId -split ',')[0] | Should -Be 'InvalidCid'
        }
    }
}

Describe 'Blank lines of a list' {
    It 'are left out by <Name>' -ForEach $piped {
        $extra = @{}
        if ($Name -eq 'Export-BitswapCar') { $extra = @{ Path = "$folder/list.car"; Force = $true } }
        if ($Name -eq 'Save-BitswapFile') { $extra = @{ Destination = $folder; Force = $true } }
        if ($Name -eq 'Remove-BitswapPin') { Add-BitswapPin $file -Direct -Node $node | Out-Null }
        if ($Name -eq 'Remove-BitswapBlock') { $extra = @{ Force = $true } }
        if ($Name -eq 'Get-BitswapPin') { Add-BitswapPin $file -Direct -Node $node | Out-Null }
        if ($Name -eq 'Remove-BitswapFile') { $extra = @{ Force = $true } }
        $of = $Name -eq 'Find-BitswapProvider' ? $client : $node
        '', $file, '   ', "`t" | & $Name -Node $of @extra -ErrorVariable failed -ErrorAction SilentlyContinue | Out-Null
        $failed | Should -BeNullOrEmpty
        if ($Name -in 'Remove-BitswapBlock', 'Remove-BitswapFile') { Add-BitswapBlock 'a file' -Node $node | Out-Null }
    }

    It 'are left out of a column, too' {
        $rows = "Cid`n$file`n`"`"`n" | ConvertFrom-Csv
        ($rows | Test-BitswapBlock -Node $node) | Should -BeTrue
    }
}

Describe 'A path whose way is not stored' {
    It 'is told with what is missing, and what fetches it' {
        $failure = Get-Failure { Remove-BitswapBlock "$root/a.txt" -Node $stranger }
        $failure.FullyQualifiedErrorId | Should -Be 'BlockNotFound,Bitswap.Commands.RemoveBitswapBlockCommand'
        "$failure" | Should -BeLike "*'/ipfs/$root/a.txt' cannot be followed: the block $root*"
    }

    It 'is fetched to find who provides the end of it' {
        $other = Start-BitswapNode
        $null = Connect-BitswapPeer $node -Node $other
        (Find-BitswapProvider "$root/a.txt" -Node $other).PeerId | Should -Be $node.PeerId
    }
}
