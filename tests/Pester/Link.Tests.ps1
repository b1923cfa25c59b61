# A link carries a CID and the addresses of a node that has it; a cmdlet that fetches connects to them.
BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $folder = New-TemporaryFolder
    $source = New-Item -ItemType File -Path "$folder/my site/a & b.txt" -Value 'a file' -Force
    $provider = Start-BitswapNode
    $root = (Add-BitswapFile $source.Directory -Recurse -Node $provider).Cid
    $link = Get-BitswapLink $root -Node $provider -WarningAction Ignore
    $gone = Start-BitswapNode
    $goneAddress = $gone.Addresses[0]
    Stop-BitswapNode $gone
}

AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Get-BitswapLink' {
    It 'gives the CID and the addresses of the node' {
        $link | Should -BeOfType ([string])
        $link | Should -Be "ipfs://$root`?provider=$($provider.Addresses[0])"
    }

    It 'takes paths and objects from the pipeline, and escapes names' {
        $entry = Get-BitswapFile $root -Node $provider
        $links = "$root/a & b.txt", $entry | Get-BitswapLink -Node $provider -WarningAction Ignore
        $links[0] | Should -Be "ipfs://$root/a%20%26%20b.txt?provider=$($provider.Addresses[0])"
        $links[1] | Should -Be "ipfs://$($entry.Cid)?provider=$($provider.Addresses[0])"
        Get-BitswapContent $links -Local -Node $provider | Should -Be 'a file', 'a file'
    }

    It 'writes a CID of version 0 as version 1, of the same content' {
        $old = (Get-BitswapCid -Cid $root -Version 0).Cid
        Get-BitswapLink $old -Node $provider -WarningAction Ignore | Should -Be $link
    }

    It 'warns that a link to loopback works on this machine only, once' {
        $root, $root | Get-BitswapLink -Node $provider -WarningVariable told -WarningAction SilentlyContinue | Out-Null
        $told | Should -HaveCount 1
        "$told" | Should -BeLike '*this machine only*-ListenAddress*'
    }

    It 'warns of content that the node does not have' {
        Get-BitswapLink (New-UnknownCid) -Node $provider -WarningVariable told -WarningAction SilentlyContinue | Should -BeLike 'ipfs://*provider=*'
        "$($told[-1])" | Should -BeLike 'The node has no block *'
    }
}

Describe 'Get-BitswapLink -AsQrCode' {
    BeforeAll {
        $code = Get-BitswapLink $root -AsQrCode -Node $provider -WarningAction Ignore
    }

    It 'draws a square of two modules a line' {
        $code | Should -BeOfType ([string])
        $lines = $code -split [Environment]::NewLine -replace '\e\[[0-9;]*m'
        $lines | Should -Match '^[ █▀▄]+$'
        ($lines.Length | Sort-Object -Unique) | Should -HaveCount 1
        $lines[0].Length | Should -Be (2 * $lines.Count - 1)
        $lines[0] | Should -Be ('█' * $lines[0].Length)
    }

    It 'draws another code for another link' {
        Get-BitswapLink "$root/a & b.txt" -AsQrCode -Node $provider -WarningAction Ignore | Should -Not -Be $code
    }

    It 'says that a link is too long for it, and goes on' {
        $codes = "$root/$('a' * 3000)", $root | Get-BitswapLink -AsQrCode -Node $provider -WarningAction Ignore -ErrorVariable failed -ErrorAction SilentlyContinue
        $codes | Should -Be $code
        $failed[0].FullyQualifiedErrorId | Should -Match '^LinkTooLong,'
    }
}

Describe 'A fetch by a link' {
    BeforeEach {
        $node = Start-BitswapNode
    }
    AfterEach {
        Stop-BitswapNode $node
    }

    It 'needs no other way to the provider: <_>' -ForEach 'Get-BitswapFile', 'Get-BitswapContent', 'Save-BitswapFile', 'Get-BitswapBlock', 'Add-BitswapPin', 'Export-BitswapCar', 'Start-BitswapWant' {
        switch ($_) {
            'Get-BitswapFile' { (Get-BitswapFile $link -Node $node).Name | Should -Be 'a & b.txt' }
            'Get-BitswapContent' { Get-BitswapContent ($link -replace '\?', '/a%20%26%20b.txt?') -Node $node | Should -Be 'a file' }
            'Save-BitswapFile' { Save-BitswapFile $link "$folder/saved" -Node $node; Get-Content "$folder/saved/$root/a & b.txt" | Should -Be 'a file' }
            'Get-BitswapBlock' { (Get-BitswapBlock "[a site]($link)" -Node $node).Cid | Should -Be $root }
            'Add-BitswapPin' { (Add-BitswapPin $link -Node $node).Cid | Should -Be $root }
            'Export-BitswapCar' { (Export-BitswapCar $link "$folder/site.car" -Node $node).Roots | Should -Be $root }
            'Start-BitswapWant' { (Start-BitswapWant $link -Node $node | Wait-BitswapWant -TimeoutSeconds 30).State | Should -Be 'Received' }
        }
        (Get-BitswapPeer -Node $node).PeerId | Should -Contain $provider.PeerId
    }

    It 'goes on with the others where one provider is gone, and says which with -Verbose' {
        $both = $link -replace 'provider=', "provider=$goneAddress&provider="
        $told = Get-BitswapContent ($both -replace '\?', '/a%20%26%20b.txt?') -Node $node -Verbose 4>&1
        $told | Where-Object { $_ -is [string] } | Should -Be 'a file'
    }

    It 'warns where none can be connected, and asks the others' {
        $null = Connect-BitswapPeer $provider -Node $node
        Get-BitswapContent "ipfs://$root/a%20%26%20b.txt?provider=$goneAddress" -Node $node -WarningVariable told -WarningAction SilentlyContinue | Should -Be 'a file'
        "$told" | Should -BeLike 'No provider that the link names is connected; others are asked.*'
    }

    It 'connects to none with -Local and -Peer' {
        (Get-Failure { Get-BitswapFile $link -Local -Node $node }).FullyQualifiedErrorId | Should -Match '^BlockNotFound,'
        $other = Start-BitswapNode
        (Get-Failure { Get-BitswapBlock $link -Peer $other -TimeoutSeconds 5 -Node $node }).FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        (Get-BitswapPeer -Node $node).PeerId | Should -Be $other.PeerId
    }

    It 'reads the providers in the address of a gateway, which is not asked: <_>' -ForEach 'https://gateway.example/ipfs/{0}?{1}', 'https://{0}.ipfs.gateway.example/?{1}#top' {
        (Get-BitswapFile ($_ -f $root, $link.Split('?')[1]) -Node $node).Name | Should -Be 'a & b.txt'
    }

    It 'leaves out what is no address, and reads other parameters over' {
        Get-BitswapContent "ipfs://$root/a%20%26%20b.txt?filename=x&provider=nonsense&$($link.Split('?')[1])#top" -Node $node | Should -Be 'a file'
    }
}
